// Keeps the last line that a host said on stderr: the one sentence that explains most failures.

import { decodeOutput, stripTerminal } from '@omserver/core'

const KEPT_BYTES = 1024
const MESSAGE_CHARACTERS = 500

export interface LastWords {
  push(bytes: Buffer): void
  /** The last line with something in it. */
  read(): string | undefined
}

/** @param encoding what the host writes; UTF-8 when absent */
export const createLastWords = (encoding?: string): LastWords => {
  let kept: Buffer | undefined
  return {
    push: (bytes) => {
      const both = kept && bytes.length < KEPT_BYTES ? Buffer.concat([kept, bytes]) : bytes
      // A copy, so that a line does not hold the whole chunk in memory.
      kept = Buffer.from(both.subarray(-KEPT_BYTES))
    },
    read: () => {
      const text = kept === undefined ? '' : stripTerminal(decodeOutput(kept, encoding))
      const line = text.split(/[\r\n]+/).findLast((one) => one.trim() !== '')
      return line?.trim().slice(0, MESSAGE_CHARACTERS)
    },
  }
}
