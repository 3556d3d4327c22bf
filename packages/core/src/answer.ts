// When two hosts gave the same answer: an output without what differs from host to host by nature.

import { stripTerminal } from './output-text.ts'
import type { AnswerMask } from './slice.ts'

/** Part of every answer's hash: raise it when `normaliseAnswer` changes, or old and new answers would mix. */
export const ANSWER_VERSION = 2

/** What is masked unless a module says otherwise. */
export const defaultMask: readonly AnswerMask[] = ['self']

const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'
const clock = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AP]M)?`
const zone = String.raw`(?: ?(?:Z|UTC|GMT|[ECMP][SD]T|CES?T|[BIJK]ST|HKT|SGT|MSK|[+-]\d{2}:?\d{2}))?`

// Every quantifier is bounded, or the text would decide how long we take.
const times = new RegExp(
  [
    String.raw`(?:\b${weekday} )?(?<!\d)\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]${clock}${zone})?(?!\d)`,
    String.raw`(?<!\d)\d{4}年\d{1,2}月\d{1,2}日(?: ?(?:星期.|周.))?(?: ?${clock}${zone})?`,
    String.raw`(?<!\d)\d{1,2}/(?:${months})/\d{4}:${clock}${zone}`,
    String.raw`\b(?:${weekday},? {1,2})?(?:\d{1,2} )?(?:${months})(?: {1,2}\d{1,2})?(?: {1,2}\d{4})?(?: {1,2}${clock}${zone})?(?: \d{4})?(?!\w)`,
    String.raw`(?<![\d:])${clock}${zone}(?![\d:])`,
    String.raw`(?<![\d.])1\d{9}(?:\d{3}|\.\d{1,9})?(?![\d.])`,
  ].join('|'),
  'g',
)
const pids =
  /(\b(?:(?:ExecMain|Main[ \t]?|Control|p)?pid|process|tid)\b[ \t]{0,3}[:=#]?[ \t]{0,3}|进程号?[ \t]{0,3}[:：=]?[ \t]{0,3}|[a-z_)]\[)\d{1,10}(?!\d)/gi
const numbers = /\d+(?:\.\d+)?/g

/**
 * The text two hosts must share to count as one answer. Removes terminal escapes and trailing white space, and
 * replaces what `mask` names: `self` the host's own name (and the part before its first dot) and address, `time`
 * dates and times of day, `pid` process numbers, `number` every number. With one of the last three, runs of
 * blanks count as one, because columns shift with the width of numbers. Linear in the length of `output`.
 */
export const normaliseAnswer = (
  output: string,
  ctx: { readonly name: string; readonly address: string; readonly mask: readonly AnswerMask[] },
): string => {
  let text = trimLines(stripTerminal(output))
  if (ctx.mask.includes('self')) text = maskSelf(text, ctx.name, ctx.address)
  if (ctx.mask.includes('time')) text = text.replace(times, '<time>')
  if (ctx.mask.includes('pid')) text = text.replace(pids, '$1<pid>')
  if (ctx.mask.includes('number')) text = text.replace(numbers, '<n>')
  return ctx.mask.some((mask) => mask !== 'self') ? text.replace(/[ \t]+/g, ' ') : text
}

/** The line that explains an end, as hosts with the same cause share it. */
export const normaliseMessage = (
  message: string,
  host: { readonly name: string; readonly address: string },
): string => normaliseAnswer(message, { ...host, mask: ['self', 'time', 'pid'] })

/** Line by line with trimEnd: `/\s+$/gm` would take quadratic time over a megabyte of blanks. */
const trimLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()

const endsInWord = /[\p{L}\p{N}_-]$/u
const startsInWord = /^[\p{L}\p{N}_-]/u

// Not one regular expression made of the words: to compile it takes 0.4 ms, and there is one for each host.
const maskSelf = (text: string, name: string, address: string): string => {
  const short = name.split('.')[0] ?? name
  const named = [name, short].filter(telling)
  const own = new Set([...named, ...(telling(address) ? [address] : [])])
  const found = [...own]
    .sort((a, b) => b.length - a.length)
    .map((word) => ({ word, at: text.indexOf(word) }))
    .filter(({ at }) => at >= 0)
  let masked = ''
  let from = 0
  while (found.length > 0) {
    const next = found.reduce((first, other) => (other.at < first.at ? other : first))
    const { word, at } = next
    const end = at + word.length
    const whole =
      at >= from &&
      !endsInWord.test(text.slice(Math.max(0, at - 2), at)) &&
      !startsInWord.test(text.slice(end, end + 2))
    if (whole) {
      masked += `${text.slice(from, at)}${named.includes(word) ? '<host>' : '<address>'}`
      from = end
    }
    next.at = text.indexOf(word, whole ? end : at + 1)
    if (next.at < 0) found.splice(found.indexOf(next), 1)
  }
  return masked + text.slice(from)
}

/** A host called `1` or `db` must not turn every such word of its output into itself. */
const telling = (word: string): boolean => word.length >= 3 && !/^\d+$/.test(word)

const TITLE_LENGTH = 120

/** One line that stands for an output: its first line with text, at most 120 characters; '' when it has none. */
export const describeAnswer = (output: string): string => {
  const text = stripTerminal(output.slice(0, 65_536)).trimStart()
  const line = text.split('\n', 1)[0]?.trimEnd() ?? ''
  const signs = Array.from(line.slice(0, TITLE_LENGTH * 2))
  return signs.length > TITLE_LENGTH ? `${signs.slice(0, TITLE_LENGTH - 1).join('')}…` : line
}
