// Keeps a call alive: says every few seconds that this side is there, and notices when the other has fallen silent.

import type { After } from '../after.ts'
import { SILENT_BEATS } from './parts.ts'

export interface Beat {
  /** The other side was heard. */
  heard(): void
  stop(): void
}

export const startBeat = (parts: {
  readonly after: After
  readonly beatMs: number
  readonly onBeat: () => void
  readonly onSilence: () => void
}): Beat => {
  let silent = 0
  let stopped = false
  let cancel: () => void

  const beat = (): void => {
    if (++silent >= SILENT_BEATS) {
      parts.onSilence()
      return
    }
    parts.onBeat()
    if (!stopped) cancel = parts.after(parts.beatMs, beat)
  }
  cancel = parts.after(parts.beatMs, beat)

  return {
    heard() {
      silent = 0
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}
