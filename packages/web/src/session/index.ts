// The person in front of the screen: session, rights, taste.

export { ApiDocsLink } from './api-docs-link.tsx'
export { dropWork, keepWork, keptWork } from './kept-work.ts'
export { MeProvider, useMay, useMe, useSession } from './me.ts'
export {
  keepPreferences,
  keptPreferences,
  usePreferences,
} from './preferences.ts'
export { LangSwitch, ThemeSwitch } from './switches.tsx'
