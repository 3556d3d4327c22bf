// Rolling batches and failure thresholds: what `1,10%,50%` and `5%` mean for a number of hosts.

import { Problem } from './problem.ts'

const size = /^(\d{1,7})(%?)$/

/**
 * Sizes of the batches in order; they sum to `total`. `1,10%,50%`: one host, then a tenth of all, then halves of
 * all until every host is covered (the last size repeats). A percentage is of `total`, rounded up. No spec: one
 * batch. No hosts: no batch. Throws Problem BATCH_SYNTAX {part}.
 */
export const cutBatches = (total: number, spec?: string): number[] => {
  const sizes = sizesOf(spec ?? '100%', total)
  const batches: number[] = []
  let left = total
  for (let n = 0; left > 0; n += 1) {
    const batch = Math.min(left, sizes[Math.min(n, sizes.length - 1)] ?? left)
    batches.push(batch)
    left -= batch
  }
  return batches
}

const sizesOf = (spec: string, total: number): number[] =>
  spec.split(/[,，]/).map((text) => {
    const part = text.trim()
    const found = size.exec(part)
    const number = Number(found?.[1])
    if (!found || number < 1 || (found[2] === '%' && number > 100))
      throw new Problem('BATCH_SYNTAX', { part: part || spec })
    return found[2] === '%' ? Math.ceil((total * number) / 100) : number
  })

/**
 * How many hosts may end not ok before no more are started: `5`, or `10%` of `total` rounded down. Infinity
 * when there is no threshold. Throws Problem THRESHOLD_SYNTAX {part}.
 */
export const failuresAllowed = (total: number, maxFailures?: string): number => {
  if (maxFailures === undefined) return Number.POSITIVE_INFINITY
  const found = size.exec(maxFailures.trim())
  const number = Number(found?.[1])
  if (!found || (found[2] === '%' && number > 100))
    throw new Problem('THRESHOLD_SYNTAX', { part: maxFailures })
  return found[2] === '%' ? Math.floor((total * number) / 100) : number
}
