// How one output differs from another in what was compared: what the answers' mask covers is no difference. Pure.

import { type AnswerMask, normaliseAnswer } from '@omserver/core'
import { diffArrays } from 'diff'

export interface Sample {
  readonly name: string
  readonly address: string
  readonly output: string
}

export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed'
  /** As the host printed them. Those that are the same in both are `to`'s. */
  readonly lines: readonly string[]
}

/** Lines as printed, and as compared: masking keeps every line in its place, apart from empty ones at the end. */
const linesOf = ({ output, name, address }: Sample, mask: readonly AnswerMask[]) => {
  const compared = normaliseAnswer(output, { name, address, mask }).split('\n')
  return { printed: output.split('\n').slice(0, compared.length), compared }
}

export const maskedDiff = (
  from: Sample,
  to: Sample,
  mask: readonly AnswerMask[],
): readonly DiffPart[] => {
  const old = linesOf(from, mask)
  const now = linesOf(to, mask)
  let oldAt = 0
  let nowAt = 0
  return diffArrays(old.compared, now.compared).map(({ added, removed, value }): DiffPart => {
    const count = value.length
    if (removed) {
      oldAt += count
      return { kind: 'removed', lines: old.printed.slice(oldAt - count, oldAt) }
    }
    if (!added) oldAt += count
    nowAt += count
    return {
      kind: added ? 'added' : 'same',
      lines: now.printed.slice(nowAt - count, nowAt),
    }
  })
}
