// Names written as a range: `web-[1-20]`, `web-[01-20]` (zero padded), `r[1-2]n[1-3,7]`.

/** More names than this are not written on purpose. */
export const RANGE_MAX = 100_000

const brackets = /^([^[\]]*)\[([^[\]]*)\](.*)$/s
const span = /^(\d{1,9})(?:[-:](\d{1,9}))?$/

interface Span {
  readonly from: number
  readonly to: number
  /** Digits of a zero-padded number; 0: not padded. */
  readonly width: number
}

const spansOf = (list: string): Span[] | undefined => {
  const spans: Span[] = []
  for (const part of list.split(',')) {
    const found = span.exec(part.trim())
    if (!found) return undefined
    const [, first = '', last = first] = found
    const width = first.startsWith('0') || last.startsWith('0') ? first.length : 0
    const from = Number(first)
    const to = Number(last)
    if (to < from || (width > 0 && last.length < width)) return undefined
    spans.push({ from, to, width })
  }
  return spans
}

const sizeOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, to }) => sum + to - from + 1, 0)

const numbersOf = (list: string, room: number): string[] | undefined => {
  const spans = spansOf(list)
  if (!spans || sizeOf(spans) > room) return undefined
  return spans.flatMap(({ from, to, width }) =>
    Array.from({ length: to - from + 1 }, (_, n) => String(from + n).padStart(width, '0')),
  )
}

/** How many names a range stands for; undefined when it does not parse. */
export const rangeSize = (text: string): number | undefined => {
  const found = brackets.exec(text)
  if (!found) return /[[\]]/.test(text) ? undefined : 1
  const [, , list = '', rest = ''] = found
  const spans = spansOf(list)
  const tails = rangeSize(rest)
  return spans && tails && sizeOf(spans) * tails
}

/**
 * The names a range stands for, in order; the text itself when it holds no brackets. undefined when it does not
 * parse, counts backwards, or stands for more than 100,000 names.
 */
export const expandRange = (text: string, room = RANGE_MAX): string[] | undefined => {
  const found = brackets.exec(text)
  if (!found) return /[[\]]/.test(text) ? undefined : [text]
  const [, before = '', list = '', rest = ''] = found
  const numbers = numbersOf(list, room)
  if (!numbers) return undefined
  const tails = expandRange(rest, Math.floor(room / numbers.length))
  return tails && numbers.flatMap((number) => tails.map((tail) => before + number + tail))
}
