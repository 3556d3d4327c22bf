// What may be kept of the output: 1 GiB of a run, after that a little of each host; and a bound on memory for tails.

/** Bytes of one run, on this controller. */
const RUN_OUTPUT_BYTES = 1024 * 1024 * 1024

/** Of each host, once its run has used up its share. */
export const SPARE_HOST_BYTES = 8 * 1024

/** Tails wait in memory for their host's end; all of them together. */
const TAIL_MEMORY_BYTES = 256 * 1024 * 1024

export interface TailMemory {
  held: number
}

export interface OutputBudget {
  /** What a host whose cap is `perHost` may keep in all. */
  capOf(perHost: number): number
  /** Output that was kept. */
  keep(bytes: number): void
  /** Whether tails may grow. */
  roomForTails(): boolean
  /** Bytes by which a tail in memory grew, or shrank when negative. */
  hold(bytes: number): void
}

export const createOutputBudget = (
  tails: TailMemory,
  runBytes = RUN_OUTPUT_BYTES,
): OutputBudget => {
  let left = runBytes
  return {
    capOf: (perHost) => (left > 0 ? perHost : Math.min(perHost, SPARE_HOST_BYTES)),
    keep(bytes) {
      left -= bytes
    },
    roomForTails: () => tails.held < TAIL_MEMORY_BYTES,
    hold(bytes) {
      tails.held += bytes
    },
  }
}

/** A run comes back batch by batch, with pauses in which nothing of it is here. */
const REMEMBERED_RUNS = 1_000

export interface OutputBudgets {
  of(runId: string): OutputBudget
}

/** The budgets of the runs on this controller, over all IDCs. */
export const createOutputBudgets = (runBytes = RUN_OUTPUT_BYTES): OutputBudgets => {
  const tails: TailMemory = { held: 0 }
  const budgets = new Map<string, OutputBudget>()
  return {
    of(runId) {
      const budget = budgets.get(runId) ?? createOutputBudget(tails, runBytes)
      // Put back at the end: the first is then the one that was not asked for longest.
      budgets.delete(runId)
      budgets.set(runId, budget)
      const [oldest] = budgets.keys()
      if (budgets.size > REMEMBERED_RUNS && oldest !== undefined) budgets.delete(oldest)
      return budget
    },
  }
}
