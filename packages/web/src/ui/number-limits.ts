// What a number field may hold. Pure, so that a form can ask before it sends. A number that is wrong stays as it was typed.

export interface NumberLimits {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly integer?: boolean | undefined
  /** Empty is wrong too. */
  readonly required?: boolean | undefined
}

export type NumberProblem = 'needed' | 'notNumber' | 'notWhole' | 'between' | 'atLeast' | 'atMost'

/** undefined: empty. NaN: something that is no number; JSON makes it null, which no schema takes. */
export const readNumber = (text: string): number | undefined => {
  // Input methods for Chinese type digits of full width.
  const plain = text.normalize('NFKC').trim()
  if (plain === '') return undefined
  return /^[-+]?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN
}

/** What is wrong with a number as `readNumber` gives it; undefined: nothing. */
export const numberProblem = (
  value: number | undefined,
  { min, max, integer = false, required = false }: NumberLimits,
): NumberProblem | undefined => {
  if (value === undefined) return required ? 'needed' : undefined
  if (Number.isNaN(value)) return 'notNumber'
  if (integer && !Number.isInteger(value)) return 'notWhole'
  const low = min !== undefined && value < min
  const high = max !== undefined && value > max
  if (!low && !high) return undefined
  return min !== undefined && max !== undefined ? 'between' : low ? 'atLeast' : 'atMost'
}
