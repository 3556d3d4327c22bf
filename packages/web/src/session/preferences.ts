// What this browser remembers of its user's taste: language, theme, the folded navigation, the order of labels.

import { useSyncExternalStore } from 'react'
import * as z from 'zod/mini'

const preferencesSchema = z.object({
  lang: z.catch(z.optional(z.enum(['zh', 'en'])), undefined),
  theme: z.catch(z.enum(['auto', 'light', 'dark']), 'auto'),
  navFolded: z.catch(z.boolean(), false),
  labelOrder: z.catch(z.array(z.string()), ['idc', 'business', 'app']),
  hostColumns: z.catch(z.optional(z.array(z.string())), undefined),
})
export type Preferences = z.output<typeof preferencesSchema>

const place = 'om.preferences' // public/before-paint.js reads it too

const read = (): Preferences => {
  try {
    return preferencesSchema.parse(JSON.parse(localStorage.getItem(place) ?? '{}'))
  } catch {
    return preferencesSchema.parse({})
  }
}

let current: Preferences | undefined
const listeners = new Set<() => void>()

export const keptPreferences = (): Preferences => {
  current ??= read()
  return current
}

export const keepPreferences = (change: Partial<Preferences>): void => {
  current = { ...keptPreferences(), ...change }
  try {
    localStorage.setItem(place, JSON.stringify(current))
  } catch {
    // A browser that forbids storage still shows the change, until the page is left.
  }
  for (const tell of listeners) tell()
}

const listen = (tell: () => void) => {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

export const usePreferences = (): Preferences => useSyncExternalStore(listen, keptPreferences)
