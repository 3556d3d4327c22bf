// What may be kept of the output: 1 GiB of a run, after that a little of each host; and a bound on memory for tails.

/** Bytes of one run, on this controller. */
export const RUN_OUTPUT_BYTES = 1024 * 1024 * 1024

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
