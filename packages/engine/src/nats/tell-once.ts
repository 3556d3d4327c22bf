// What was refused is told once: a slice that nobody may open is delivered again every few seconds.

import type { Refused } from '../ports.ts'

const REMEMBERED = 1_000

export const tellOnce = (
  tell: ((refused: Refused) => void) | undefined,
): ((refused: Refused) => void) => {
  const told = new Set<string>()
  return (refused) => {
    const { what, idc, key, why } = refused
    const text = JSON.stringify([what, idc, key, why])
    if (told.has(text)) return
    const [oldest] = told
    if (told.size >= REMEMBERED && oldest !== undefined) told.delete(oldest)
    told.add(text)
    tell?.(refused)
  }
}
