// Reads the text of a selector into its terms; names the part that does not parse.

import { isGlob } from './glob.ts'
import { parseCidr, parseIp } from './ip.ts'
import { expandRange, RANGE_MAX, rangeSize } from './name-range.ts'
import { Problem } from './problem.ts'
import {
  isHostName,
  type LabelCondition,
  type LabelValue,
  type Selector,
  type Term,
  type TermKind,
} from './selector.ts'

const MAX_LENGTH = 100_000

// A Chinese keyboard gives these signs for the same keys.
const wide: Readonly<Record<string, string>> = {
  '，': ',',
  '！': '!',
  '（': '(',
  '）': ')',
  '＝': '=',
  '＠': '@',
  '＊': '*',
}
const wideSigns = /[，！（）＝＠＊]/g

const space = /\s*/y
const bareWord = /(?:\[[^\]\s]*\]|[^\s,!=()"'“”@[\]])+/y
const quotedWord = /"((?:[^"\\]|\\.)*)"|'[^']*'|“[^”]*”/sy
const operator = /!=|=|\s+(not\s?in|in)\s*\(/y
const comma = /\s*,\s*/y
const closing = /\s*\)/y

const examples = {
  term: 'web-1 web-[1-20] 10.0.0.0/8 idc=sz,app=nginx @group',
  label: 'idc=sz,app in (nginx,haproxy),env!=prod',
  range: 'web-[1-20] web-[01-20] web-[1-3,7]',
  address: '10.0.0.1 10.0.0.0/8 fd00::/8',
  group: '@group @"my group"',
  quote: 'app="a b"',
  subtract: '* !web-1',
} as const

interface Word {
  readonly text: string
  readonly quoted: boolean
  readonly at: number
}

/**
 * Throws Problem SELECTOR_SYNTAX {part, at, expected}: the part that does not parse, its offset from 0, and an
 * example of what could stand there; SELECTOR_MIXED {part, at}: a name among labels; SELECTOR_RANGE {part, at, limit}:
 * more names than a selector may stand for; SELECTOR_LENGTH {limit}. An empty text picks nothing.
 */
export const parseSelector = (text: string): Selector => {
  if (text.length > MAX_LENGTH) throw new Problem('SELECTOR_LENGTH', { limit: MAX_LENGTH })
  // Same length, so that offsets hold; what stands in quotes is taken from the text itself.
  const source = text.replace(wideSigns, (sign) => wide[sign] ?? sign)
  const include: Term[] = []
  const exclude: Term[] = []
  let room = RANGE_MAX
  let at = 0

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (found) at += found[0].length
    return found
  }

  /** What stands there; at the end of the text, what stands before it. */
  const rest = (from: number): string =>
    /^\S{1,40}/.exec(text.slice(from, from + 40))?.[0] ?? text.slice(Math.max(0, from - 20), from)

  const readWord = (expected: keyof typeof examples): Word => {
    const start = at
    if (/["'“]/.test(source[at] ?? '')) {
      const found = take(quotedWord)
      if (!found) throw wrong(rest(start), start, 'quote')
      const written = text.slice(start + 1, at - 1)
      const value = found[1] === undefined ? written : written.replace(/\\(.)/gs, '$1')
      return { text: value, quoted: true, at: start }
    }
    const found = take(bareWord)
    if (!found) throw wrong(rest(start), start, expected)
    return { text: text.slice(start, at), quoted: false, at: start }
  }

  const readValue = (): LabelValue => {
    const word = readWord('label')
    if (word.quoted) return { text: word.text, glob: false }
    if (/[[\]]/.test(word.text)) throw wrong(word.text, word.at, 'quote')
    return { text: word.text.replaceAll('＊', '*'), glob: isGlob(word.text.replaceAll('＊', '*')) }
  }

  const readCondition = (word: Word): LabelCondition => {
    const found = take(operator)
    if (found && (word.text === '' || (!word.quoted && /[[\]*?]/.test(word.text))))
      throw wrong(word.text || '""', word.at, 'label')
    if (!found) return { op: 'exists', label: word.text, at: word.at }
    if (!found[1]) {
      const op = found[0] === '=' ? 'equals' : 'notEquals'
      return { op, label: word.text, value: readValue() }
    }
    const values: LabelValue[] = []
    do {
      take(space)
      values.push(readValue())
    } while (take(comma))
    if (!take(closing)) throw wrong(rest(at), at, 'label')
    return { op: found[1] === 'in' ? 'in' : 'notIn', label: word.text, values }
  }

  const readTerm = (): TermKind => {
    if (source[at] === '@') {
      at += 1
      return { kind: 'group', group: readWord('group').text }
    }
    const words = [readWord('term')]
    const conditions = [readCondition(words[0] as Word)]
    while (take(comma)) {
      const absent = source[at] === '!'
      if (absent) at += 1
      const word = readWord('label')
      words.push(word)
      conditions.push(
        absent ? { op: 'absent', label: word.text, at: word.at } : readCondition(word),
      )
    }
    const [condition] = conditions
    const [word] = words
    if (conditions.length === 1 && word && condition?.op === 'exists') {
      const name = nameTerm(word, room)
      if (name.kind === 'range') room -= name.names.length
      return name
    }
    refuseNames(words, conditions)
    return { kind: 'labels', conditions }
  }

  for (take(space); at < source.length; take(space)) {
    const start = at
    const subtract = source[at] === '!'
    if (subtract) at += 1
    const term = { ...readTerm(), at: start }
    const next = source[at] ?? ' '
    if (next === '[' || next === ']') throw wrong(rest(start), start, 'range')
    if (!/\s/.test(next)) throw wrong(rest(at), at, 'term')
    if (subtract) exclude.push(term)
    else include.push(term)
  }
  const [first] = exclude
  if (first && include.length === 0) throw wrong(rest(first.at), first.at, 'subtract')
  return { include, exclude }
}

/** 10.0.0.256 is no address, and no host is meant to be called so. */
const isBadIp = (text: string): boolean => /^\d+(?:\.\d+){3}$/.test(text) && !parseIp(text)

/** A word without a sign of labels: a host, several hosts, or an address. */
const nameTerm = (word: Word, room: number): TermKind => {
  const text = word.text.replaceAll('＊', '*')
  if (word.quoted) return { kind: 'name', name: word.text }
  if (text === '*') return { kind: 'all' }
  if (text.includes('[')) {
    if ((rangeSize(text) ?? 0) > room)
      throw new Problem('SELECTOR_RANGE', { part: text, at: word.at, limit: RANGE_MAX })
    const names = expandRange(text, room)
    if (!names?.every((name) => isHostName(name) && !isBadIp(name)))
      throw wrong(text, word.at, 'range')
    return { kind: 'range', pattern: text, names }
  }
  if (text.includes('/')) {
    if (!parseCidr(text)) throw wrong(text, word.at, 'address')
    return { kind: 'cidr', cidr: text }
  }
  if (isGlob(text)) {
    if (!isHostName(text.replace(/[*?]/g, 'x'))) throw wrong(text, word.at, 'term')
    return { kind: 'glob', pattern: text }
  }
  if (parseIp(text)) return { kind: 'address', address: text }
  if (isBadIp(text) || (text.includes(':') && !isHostName(text)))
    throw wrong(text, word.at, 'address')
  if (!isHostName(text)) throw wrong(text, word.at, 'term')
  return { kind: 'name', name: text }
}

/**
 * Names among labels (`web-1,idc=sz`), or names with a comma between them, which would mean a host that is both.
 * A bare word beside labels asks whether the label exists; see also `matchHosts`.
 */
const refuseNames = (words: readonly Word[], conditions: readonly LabelCondition[]): void => {
  for (const [index, word] of words.entries()) {
    const { op } = conditions[index] ?? {}
    const looksLikeName =
      !word.quoted && (/[[\]*?/:]/.test(word.text) || parseIp(word.text) !== undefined)
    if (word.text === '' || ((op === 'exists' || op === 'absent') && looksLikeName))
      throw mixed(word.text || '""', word.at)
  }
  const [first] = words
  if (first && conditions.every(({ op }) => op === 'exists'))
    throw mixed(words.map(({ text }) => text).join(','), first.at)
}

const wrong = (part: string, at: number, expected: keyof typeof examples): Problem =>
  new Problem('SELECTOR_SYNTAX', { part, at, expected: examples[expected] })

/** Of a host's name, a range or an address that stands in one term with labels. */
export const mixed = (part: string, at: number): Problem =>
  new Problem('SELECTOR_MIXED', { part, at })
