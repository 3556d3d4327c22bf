// Fetch for a server that is changing over to another: where it says that nothing was done and when to come back, the
// same is asked again.

/** Longer than a server that is frozen keeps the others waiting. */
const FOR_MS = 40_000
const MOST_PAUSE_S = 10

type Fetch = typeof globalThis.fetch

/** Answers with the refusal when it still stands after `forMs`. Bodies are texts: they can be sent again. */
export const askAgain =
  (fetchIt: Fetch, forMs = FOR_MS): Fetch =>
  async (input, init) => {
    const began = performance.now()
    for (;;) {
      const response = await fetchIt(input, init)
      const pauseMs = pauseOf(response)
      if (pauseMs === undefined || performance.now() - began + pauseMs > forMs) return response
      await response.body?.cancel()
      await pause(pauseMs, init?.signal ?? undefined)
    }
  }

/** Only a 503 with `retry-after` in seconds. */
const pauseOf = ({ status, headers }: Response): number | undefined => {
  const said = headers.get('retry-after')
  if (status !== 503 || said === null || !/^\d{1,4}$/.test(said)) return undefined
  return Math.min(Number(said), MOST_PAUSE_S) * 1_000
}

/** Shorter when the signal is aborted: the next attempt rejects as it should. */
const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
