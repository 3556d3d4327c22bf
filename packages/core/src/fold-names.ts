// Many host names as a short selector: `web-1 web-2 web-3` becomes `web-[1-3]`. Pure.

import { isHostName } from './selector.ts'

/** One term of a selector, and how many of the names it stands for. */
export interface FoldedNames {
  readonly text: string
  readonly names: number
}

interface Family {
  readonly before: string
  readonly after: string
  /** Digits of a zero-padded number; 0: not padded. */
  readonly width: number
  readonly numbers: number[]
}

const keyOf = (before: string, width: number, after: string): string =>
  [before, width, after].join('\n')

// The last number of a name counts hosts more often than the first.
const counted = /^(.*?)(\d{1,9})(\D*)$/

const spans = (numbers: number[], width: number): string => {
  numbers.sort((a, b) => a - b)
  const texts: string[] = []
  const write = (n: number) => String(n).padStart(width, '0')
  for (let start = 0; start < numbers.length; ) {
    let end = start
    while (numbers[end + 1] === (numbers[end] ?? 0) + 1) end += 1
    const [first = 0, last = 0] = [numbers[start], numbers[end]]
    texts.push(first === last ? write(first) : `${write(first)}-${write(last)}`)
    start = end + 1
  }
  return texts.join(',')
}

/** `n01 n02` and `n10` belong together: ten needs no padding to be two digits wide. */
const joinPadded = (families: ReadonlyMap<string, Family>): void => {
  for (const { before, after, width, numbers } of families.values()) {
    if (width === 0) continue
    const bare = families.get(keyOf(before, 0, after))
    if (bare === undefined) continue
    const kept: number[] = []
    for (const n of bare.numbers) (String(n).length === width ? numbers : kept).push(n)
    bare.numbers.splice(0, bare.numbers.length, ...kept)
  }
}

const literal = (name: string): string =>
  isHostName(name) && !/^[\d.]+$|:/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`

/** A selector that picks exactly the hosts of these names. */
export const foldNames = (names: readonly string[]): string =>
  foldedNames(names)
    .map(({ text }) => text)
    .join(' ')

/** The terms of that selector, names with numbers first. */
export const foldedNames = (names: readonly string[]): readonly FoldedNames[] => {
  const families = new Map<string, Family>()
  const alone: FoldedNames[] = []
  for (const name of names) {
    const [, before = '', digits = '', after = ''] = counted.exec(name) ?? []
    // A name that looks like an address would be read as one within brackets.
    if (digits === '' || before === '' || /^[\d.:]*$/.test(before + after)) {
      alone.push({ text: literal(name), names: 1 })
      continue
    }
    const width = digits.startsWith('0') && digits.length > 1 ? digits.length : 0
    const key = keyOf(before, width, after)
    const family = families.get(key) ?? { before, after, width, numbers: [] }
    families.set(key, family)
    family.numbers.push(Number(digits))
  }
  joinPadded(families)
  const folded = [...families.values()].flatMap(({ before, after, width, numbers }) => {
    const [only] = numbers
    if (only === undefined) return []
    if (numbers.length === 1) {
      const text = literal(`${before}${String(only).padStart(width, '0')}${after}`)
      return [{ text, names: 1 }]
    }
    return [{ text: `${before}[${spans(numbers, width)}]${after}`, names: numbers.length }]
  })
  return [...folded, ...alone]
}
