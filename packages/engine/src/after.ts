// A timer as a port: what waits in the engine and in a controller is handed one, so that tests decide when it fires.

/** Runs `run` once after `ms`; returns what cancels it. */
export type After = (ms: number, run: () => void) => () => void

export const realAfter: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
