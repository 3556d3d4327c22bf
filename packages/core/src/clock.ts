// Time and ids as ports: core and services are handed them, so that tests decide what they say.

export interface Clock {
  /** Wall clock, ms since 1970, UTC. For people; no decision rests on it across machines. */
  now(): number
  /** Milliseconds that never go back. For durations and deadlines. */
  monotonic(): number
}

export interface Ids {
  /** A new UUIDv7. */
  uuid(): string
}
