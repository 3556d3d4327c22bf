// stub
import type { AnswerMask } from './slice.ts'
export const ANSWER_VERSION = 1
export const defaultMask: readonly AnswerMask[] = ['self']
export const normaliseAnswer = (output: string, ctx: { readonly name: string; readonly address: string; readonly mask: readonly AnswerMask[] }): string => { throw new Error('not written yet') }
/** One line that stands for an output: its first line with text, at most 120 characters. */
export const describeAnswer = (output: string): string => { throw new Error('not written yet') }
