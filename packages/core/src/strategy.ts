// How a run goes over its hosts: concurrency, rolling batches, failure threshold, timeouts, retries.

/** Durations in milliseconds. */
export interface Strategy {
  /** Hosts in flight at once over the whole run. */
  readonly concurrency: number
  /** Rolling batches such as `1,10%,50%`; absent: one batch. */
  readonly batches?: string
  /** Stop starting hosts when more than this many (`5`) or this share (`10%`) have ended not ok. */
  readonly maxFailures?: string
  /** From `host.started` to its end. */
  readonly hostTimeoutMs: number
  /** From the run's start to its end; absent: none. */
  readonly runTimeoutMs?: number
  /** Further attempts for hosts that ended `unreachable`. 0–5. */
  readonly retries: number
  /** Whether commands go on by themselves on their hosts; absent: by the rule of detach.ts. */
  readonly detach?: boolean
}

export const defaultStrategy: Strategy = {
  concurrency: 100,
  hostTimeoutMs: 60_000,
  retries: 0,
}
