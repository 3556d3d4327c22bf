// Fetch that tells a server at work from one that hangs: long work may take its time, silence may not.

import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT_SERVER, ExitError } from './exit.ts'
import { say } from './lang.ts'

/** So long nothing is asked; and so long the answer to the question whether anybody is there may take. */
const PATIENCE_MS = 10_000

/**
 * Rejects with ExitError when the server at `baseUrl` has not begun to answer and does not say that it is alive either:
 * after 20 s at the earliest. What follows the head of an answer is not watched; streams have heartbeats of their own.
 */
export const patientFetch =
  (baseUrl: string, patienceMs = PATIENCE_MS): typeof globalThis.fetch =>
  async (input, init) => {
    const given = init?.signal
    const hung = new AbortController()
    const begun = new AbortController()
    const watch = async (): Promise<void> => {
      for (;;) {
        await sleep(patienceMs, undefined, { signal: begun.signal })
        if (!(await isAlive(baseUrl, patienceMs))) return hung.abort(silent(baseUrl))
      }
    }
    // Rejects only when the answer has begun.
    watch().catch(() => undefined)
    try {
      return await fetch(input, {
        ...init,
        signal: given ? AbortSignal.any([given, hung.signal]) : hung.signal,
      })
    } finally {
      begun.abort()
    }
  }

/** Whatever it says: somebody is there. */
const isAlive = (baseUrl: string, withinMs: number): Promise<boolean> =>
  fetch(`${baseUrl}/api/health`, { signal: AbortSignal.timeout(withinMs) }).then(
    async (response) => {
      await response.body?.cancel()
      return true
    },
    () => false,
  )

const silent = (baseUrl: string): ExitError =>
  new ExitError(
    EXIT_SERVER,
    say({
      zh: `服务器 ${baseUrl} 接受了连接但没有回应。请查看服务端是否卡住，或地址、代理是否正确。`,
      en: `The server ${baseUrl} takes connections but does not answer. See whether it hangs, and whether the address and any proxy are right.`,
    }),
  )
