// The application around the pages.

export { App } from './app.tsx'
