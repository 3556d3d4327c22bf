// The number by which the server groups hosts that gave the same answer.

import { createHash, type Hash, hash } from 'node:crypto'
import {
  ANSWER_VERSION,
  type AnswerMask,
  decodeOutput,
  type HostEnd,
  normaliseAnswer,
  normaliseMessage,
  type OutputStream,
  stripTerminal,
} from '@omserver/core'

/** Of each stream, this much is read as text and masked; what follows must be the same byte by byte. */
const TEXT_BYTES = 64 * 1024

interface StreamText {
  readonly parts: Uint8Array[]
  length: number
  rest: Hash | undefined
}

export interface AnswerContext {
  readonly name: string
  readonly address: string
  readonly encoding?: string
  readonly mask: readonly AnswerMask[]
}

export interface AnswerHash {
  /** Kept output, in order within each stream. */
  update(stream: OutputStream, bytes: Uint8Array): void
  /** 32 hex digits. */
  digest(end: AnsweredEnd, context: AnswerContext): string
}

/** What of an end belongs to the answer. */
export type AnsweredEnd = Pick<HostEnd, 'state' | 'exit' | 'reason' | 'message' | 'changed'>

/**
 * What the exit code and the output do not say: a file that was put in place and one that was so already, a sudo that
 * refused and a signal, all print nothing. Of a command that ended by itself the output says why.
 */
const unsaid = (end: AnsweredEnd, context: AnswerContext): string => {
  if (end.state === 'ok') return end.changed === undefined ? '' : `\0changed ${end.changed}`
  if (end.reason === undefined || end.reason === 'exit') return ''
  return `\0${end.reason} ${normaliseMessage(end.message ?? '', context)}`
}

export const createAnswerHash = (): AnswerHash => {
  const texts: Partial<Record<OutputStream, StreamText>> = {}

  const normalised = (text: StreamText | undefined, context: AnswerContext): string => {
    if (!text) return ''
    const [only] = text.parts
    const bytes = only && text.parts.length === 1 ? only : Buffer.concat(text.parts)
    const plain = stripTerminal(decodeOutput(bytes, context.encoding))
    const head = normaliseAnswer(plain, context)
    return text.rest ? `${head}\0${text.rest.digest('hex')}` : head
  }

  return {
    update(stream, bytes) {
      texts[stream] ??= { parts: [], length: 0, rest: undefined }
      const text = texts[stream]
      const room = TEXT_BYTES - text.length
      if (room > 0) {
        const part = bytes.length > room ? bytes.subarray(0, room) : bytes
        text.parts.push(part)
        text.length += part.length
      }
      if (bytes.length > room) {
        text.rest ??= createHash('sha256')
        text.rest.update(room > 0 ? bytes.subarray(room) : bytes)
      }
    },
    digest(end, context) {
      const said = `${normalised(texts.stdout, context)}\0${normalised(texts.stderr, context)}`
      const all = `${ANSWER_VERSION}\0${end.exit ?? ''}\0${said}${unsaid(end, context)}`
      return hash('sha256', all, 'hex').slice(0, 32)
    },
  }
}
