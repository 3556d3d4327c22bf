// The application around the pages.

export { App } from './app.tsx'
export { useTheme } from './theme.tsx'
