// Slows down guessing: after a few failures each further try costs twice the wait of the one before.

export interface ThrottleRule {
  /** Failures that cost nothing. */
  readonly free: number
  readonly maxMs: number
}

interface Count {
  failures: number
  until: number
  seen: number
}

const FORGET_MS = 3_600_000
const MOST_KEYS = 10_000

/** Counts per key (a name, an address). Held in memory: a restart forgives, and costs more than it wins. */
export class Throttle {
  readonly #rule: ThrottleRule
  readonly #monotonic: () => number
  readonly #counts = new Map<string, Count>()

  constructor(rule: ThrottleRule, monotonic: () => number) {
    this.#rule = rule
    this.#monotonic = monotonic
  }

  /** ms to wait; 0 when a try is allowed now. */
  wait(key: string): number {
    const count = this.#counts.get(key)
    return count ? Math.max(0, count.until - this.#monotonic()) : 0
  }

  /** Counted before the password is looked at, so that a hundred tries at once are not one. */
  failed(key: string): void {
    const now = this.#monotonic()
    const old = this.#counts.get(key)
    const failures = (old && now - old.seen < FORGET_MS ? old.failures : 0) + 1
    const over = failures - this.#rule.free
    const wait = over <= 0 ? 0 : Math.min(this.#rule.maxMs, 1000 * 2 ** Math.min(over - 1, 30))
    this.#counts.delete(key)
    this.#counts.set(key, { failures, until: now + wait, seen: now })
    if (this.#counts.size > MOST_KEYS) {
      const [oldest] = this.#counts.keys()
      if (oldest !== undefined) this.#counts.delete(oldest)
    }
  }

  succeeded(key: string): void {
    this.#counts.delete(key)
  }
}
