// Endpoints of drivers, as a part of the page of controllers.

export { EndpointSection } from './endpoint-section.tsx'
