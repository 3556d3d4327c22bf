// Understands what an attachment sends, however it is cut, and knows where the next one has to go on.

import type { LeftRunning, OutputStream } from '@omserver/core'
import { type SpoolPosition, spoolBeginning } from './spool-programs.ts'

/** What was said before any frame; see `attachProgram`. */
type SpoolWord = 'here' | 'never' | { readonly no: string }

export type SpoolEnd =
  | { readonly kind: 'exited'; readonly exit: number; readonly tookMs: number | undefined }
  /** Nobody wrote down how it ended. */
  | { readonly kind: 'gone'; readonly leftRunning: LeftRunning; readonly rebooted: boolean }

export interface SpoolEvents {
  readonly onOutput: (stream: OutputStream, bytes: Buffer) => Promise<void> | undefined
  /** Bytes that the host did not keep. */
  readonly onMissed: (bytes: number) => void
  /** How long the command has run, by the host's own clock. */
  readonly onElapsed: (ms: number) => void
}

export interface SpoolReader {
  /** Another attachment begins, whose words begin with this token. */
  attach(token: string): void
  /** undefined: go on. Else wait before more is read. */
  push(bytes: Buffer): Promise<void> | undefined
  /** Where the next attachment begins. */
  readonly position: SpoolPosition
  readonly word: SpoolWord | undefined
  readonly end: SpoolEnd | undefined
}

/** A frame's header, or what a login shell prints before our first word. */
const LINE_MAX_BYTES = 64 * 1024

const streams: Readonly<Record<string, OutputStream>> = {
  o: 'stdout',
  O: 'stdout',
  e: 'stderr',
  E: 'stderr',
}

const millisecondsBetween = (from: string | undefined, to: string | undefined) => {
  const ms = Math.round((Number(to) - Number(from)) * 1000)
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined
}

const wholeNumber = (text: string | undefined): number => {
  const value = Number(text)
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}

export const createSpoolReader = (events: SpoolEvents): SpoolReader => {
  let position = spoolBeginning
  let prefix = ''
  let word: SpoolWord | undefined
  let end: SpoolEnd | undefined
  let line: Buffer = Buffer.alloc(0)
  let frame:
    | { readonly kind: string; readonly lines: number; length: number; left: number }
    | undefined
  /** Bytes of the frame at `position` that an earlier attachment brought. */
  let brought = 0
  let skip = 0

  const finishFrame = (): void => {
    if (!frame) return
    const { kind, lines, length } = frame
    position = {
      lines,
      stdout: position.stdout + (kind === 'o' ? length : 0),
      stderr: position.stderr + (kind === 'e' ? length : 0),
    }
    frame = undefined
    brought = 0
    skip = 0
  }

  const onWord = (text: string): void => {
    if (!text.startsWith(prefix)) return
    const said = text.slice(prefix.length)
    word = said === 'here' || said === 'never' ? said : { no: said.replace(/^no /, '') }
  }

  const onFrame = (text: string): void => {
    const [kind = '', first, second, third] = text.split(' ')
    switch (kind) {
      case 'o':
      case 'e':
      case 'O':
      case 'E': {
        const length = wholeNumber(first)
        frame = { kind, lines: wholeNumber(second), length, left: length }
        if (length === 0) finishFrame()
        return
      }
      case 'm':
        events.onMissed(wholeNumber(first))
        position = { ...position, lines: wholeNumber(second) }
        return
      case 't': {
        const elapsed = millisecondsBetween(first, second)
        if (elapsed !== undefined) events.onElapsed(elapsed)
        return
      }
      case 'x':
        end = {
          kind: 'exited',
          exit: wholeNumber(first),
          tookMs: millisecondsBetween(second, third),
        }
        return
      case 'g':
        end = {
          kind: 'gone',
          leftRunning: first === 'left' ? 'yes' : 'no',
          rebooted: first === 'reboot',
        }
    }
  }

  const takeData = (bytes: Buffer, waits: Promise<void>[]): Buffer => {
    if (!frame) return bytes
    const part = bytes.subarray(0, frame.left)
    frame.left -= part.length
    const known = Math.min(skip, part.length)
    skip -= known
    const fresh = part.subarray(known)
    const stream = streams[frame.kind]
    if (fresh.length > 0 && stream) {
      brought += fresh.length
      const wait = events.onOutput(stream, fresh)
      if (wait) waits.push(wait)
    }
    if (frame.left === 0) finishFrame()
    return bytes.subarray(part.length)
  }

  const takeLine = (bytes: Buffer): Buffer => {
    const at = bytes.indexOf(10)
    if (at < 0) {
      line = Buffer.concat([line, bytes]).subarray(-LINE_MAX_BYTES)
      return bytes.subarray(bytes.length)
    }
    const text = Buffer.concat([line, bytes.subarray(0, at)])
      .toString('latin1')
      .replace(/\r$/, '')
    line = Buffer.alloc(0)
    if (word === undefined) onWord(text)
    else onFrame(text)
    return bytes.subarray(at + 1)
  }

  return {
    attach(token) {
      prefix = `om-${token} `
      word = undefined
      line = Buffer.alloc(0)
      frame = undefined
      skip = brought
    },
    push(bytes) {
      const waits: Promise<void>[] = []
      let rest = bytes
      while (rest.length > 0 && !end) rest = frame ? takeData(rest, waits) : takeLine(rest)
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
    },
    get position() {
      return position
    },
    get word() {
      return word
    },
    get end() {
      return end
    },
  }
}
