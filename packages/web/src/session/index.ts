// The person in front of the screen: session, rights, taste.

export { type May, MeProvider, mayRunModule, useMay, useMe, useSession } from './me.ts'
export {
  keepPreferences,
  keptPreferences,
  type Preferences,
  usePreferences,
} from './preferences.ts'
export { LangSwitch, ThemeSwitch } from './switches.tsx'
