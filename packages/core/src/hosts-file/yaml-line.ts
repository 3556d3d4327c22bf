// The one-line form of a host, `- { name: web-1, labels: { idc: sz } }`, read without the YAML parser.

import { keyOfHost, type TextKey, type WrittenHost } from './draft.ts'

const item = /^ *- *\{([^{}]*)(?:\{([^{}]*)\}([^{}]*))?\} *\r?$/
const pair = /^ *([A-Za-z]\w*) *: +([\p{L}\p{N}_.][\p{L}\p{N}_./-]*) *$/u
const labelPair = /^ *([\p{L}_][\p{L}\p{N}_./-]*) *: +([\p{L}\p{N}_.][\p{L}\p{N}_./-]*) *$/u
const nothing = /^(?:null|~)$/i

/**
 * The YAML parser takes 0.1 ms for such a line, ten seconds for 100,000 of them; this takes a hundredth of it.
 * undefined for everything that is not plain words: quotes, comments, unknown keys, mistakes.
 */
export const readLine = (text: string, line: number): WrittenHost | undefined => {
  const found = item.exec(text)
  if (!found) return undefined
  const [, before = '', inner, after = ''] = found
  const opening = / *labels *: +$/.exec(before)
  if ((inner === undefined) === (opening !== null)) return undefined
  const outer = opening ? before.slice(0, opening.index) : before
  if (!/^\s*$|,\s*$/.test(opening ? outer : '') || !/^\s*$|^\s*,/.test(after)) return undefined
  const texts = pairs(outer.replace(/,\s*$/, ''), pair)
  const more = pairs(after.replace(/^\s*,/, ''), pair)
  const labels = pairs(inner ?? '', labelPair)
  if (!texts || !more || !labels) return undefined
  const known: Partial<Record<TextKey, string>> = {}
  for (const [key, value] of [...texts, ...more]) {
    const textKey = keyOfHost(key)
    if (!textKey || known[textKey] !== undefined) return undefined
    known[textKey] = value
  }
  return { line, texts: known, labels }
}

const pairs = (text: string, pattern: RegExp): Map<string, string> | undefined => {
  const found = new Map<string, string>()
  if (text.trim() === '') return found
  for (const part of text.split(',')) {
    const [, key, value] = pattern.exec(part) ?? []
    if (key === undefined || value === undefined || found.has(key)) return undefined
    if (nothing.test(key) || nothing.test(value)) return undefined
    found.set(key, value)
  }
  return found
}
