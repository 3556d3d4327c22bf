// How many processes the files of users' modules may take: a process needs ten times the memory of what it runs.

// Loading is all CPU: more at once than this only makes each of them late.
const LOADING = 4
// Somebody who walks through the forms of fifty files must not hold fifty processes.
const RESTING = 8

export interface Restful {
  /** Ends the process; the next question starts another. */
  drop(): void
}

export class ModuleProcesses {
  readonly #waiting: (() => void)[] = []
  readonly #resting = new Set<Restful>()
  #loading = 0

  /** Waits for its turn, then loads. */
  async load<T>(work: () => Promise<T>): Promise<T> {
    if (this.#loading >= LOADING) await new Promise<void>((go) => this.#waiting.push(go))
    else this.#loading++
    try {
      return await work()
    } finally {
      // The place goes to who waits without becoming free in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#loading--
    }
  }

  /** Of those that have nothing to do, the one that rests longest goes first. */
  rests(one: Restful): void {
    this.#resting.delete(one)
    this.#resting.add(one)
    const [oldest] = this.#resting
    if (this.#resting.size <= RESTING || !oldest) return
    this.#resting.delete(oldest)
    oldest.drop()
  }

  works(one: Restful): void {
    this.#resting.delete(one)
  }
}
