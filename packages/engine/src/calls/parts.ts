// What the two sides of a call say to each other after the request, whatever carries it.

import { Problem, type ProblemDetails } from '@omserver/core'
import { frameOf, readFrame } from './frame.ts'

/** From who answers. */
export type AnswerPart =
  | { readonly kind: 'alive' }
  /** `n` counts from 1. */
  | { readonly kind: 'item'; readonly n: number; readonly bytes: Uint8Array }
  /** `items`: how many came before it. */
  | { readonly kind: 'end'; readonly items: number; readonly bytes: Uint8Array }
  | {
      readonly kind: 'problem'
      readonly items: number
      readonly code: string
      readonly bytes: Uint8Array
    }

/** From who calls. */
export type ControlPart =
  /** I am here, and items up to number `upto` may be sent. */
  { readonly kind: 'upto'; readonly upto: number } | { readonly kind: 'cancel' }

/** Items that may be under way, unless the caller has said more. */
export const WINDOW = 16

/** Each side says this often that it is there, and believes the other gone after three times as long. */
export const BEAT_MS = 5_000
export const SILENT_BEATS = 3

const DEFAULT_DEADLINE_MS = 10_000
const LONGEST_DEADLINE_MS = 86_400_000

export const deadlineOf = (ms: number | undefined): number =>
  ms !== undefined && ms > 0 ? Math.min(ms, LONGEST_DEADLINE_MS) : DEFAULT_DEADLINE_MS

export const problemPart = (problem: Problem, items: number, method: string): AnswerPart => {
  const { code } = problem
  try {
    return { kind: 'problem', items, code, bytes: frameOf(problem.details, method) }
  } catch {
    return { kind: 'problem', items, code, bytes: Buffer.from('{}') }
  }
}

export const detailsIn = (bytes: Uint8Array, method: string): ProblemDetails => {
  try {
    const details = readFrame(bytes, method)
    return typeof details === 'object' && details !== null && !Array.isArray(details)
      ? (details as ProblemDetails)
      : {}
  } catch (error) {
    if (error instanceof Problem) return {}
    throw error
  }
}

/** A code is a name and nothing else: it may come from anybody who answers. */
export const isCode = (text: string): boolean => /^[A-Z][A-Z0-9_]{0,63}$/.test(text)
