// Whether the session is over, whichever call found out, and how often somebody has signed in since the page was loaded.

import { useSyncExternalStore } from 'react'

const signInCodes = new Set(['NOT_SIGNED_IN', 'SESSION_EXPIRED', 'TOKEN_BAD'])

let over = false
let signIns = 0
const listeners = new Set<() => void>()
const listen = (tell: () => void) => {
  listeners.add(tell)
  return () => listeners.delete(tell)
}
const tellAll = () => {
  for (const tell of listeners) tell()
}

export const tellSignedIn = (): void => {
  over = false
  signIns += 1
  tellAll()
}

const codeOf = async (response: Response): Promise<unknown> => {
  const answer: unknown = await response.json().catch(() => undefined)
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined
  const { error } = answer
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** `fetch` that hears every “not signed in”, also of what is no query: events, files, a launch. */
export const listeningFetch: typeof globalThis.fetch = async (...request) => {
  const asked = signIns
  const response = await fetch(...request)
  if (response.status === 401 && signInCodes.has(String(await codeOf(response.clone())))) {
    // The late answer to a question of the session before says nothing about this one.
    if (asked === signIns && !over) {
      over = true
      tellAll()
    }
  }
  return response
}

export const useSignedOut = (): boolean => useSyncExternalStore(listen, () => over)

/** Another number after each sign-in: what was broken off by the end of a session begins anew. */
export const useSignIns = (): number => useSyncExternalStore(listen, () => signIns)
