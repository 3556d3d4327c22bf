// Reads an answer in XML-RPC, from a host that may be hostile: bounded in size, depth and number, and without DOCTYPE.

import type { FuncValue } from './value.ts'

export const ANSWER_MAX_BYTES = 10 * 1024 * 1024
/** Deeper than any answer of a Func module, and far from the end of the stack. */
const MAX_DEPTH = 64
const MAX_VALUES = 200_000

export type Response =
  | { readonly kind: 'value'; readonly value: FuncValue }
  | { readonly kind: 'fault'; readonly code: number; readonly text: string }

/** What is wrong with an answer, in words. */
export class BadAnswer extends Error {}

const bad = (what: string): BadAnswer => new BadAnswer(`the answer is not XML-RPC: ${what}`)

const tags: readonly string[] = [
  ...['methodResponse', 'params', 'param', 'fault', 'value', 'array', 'data', 'struct', 'member'],
  ...['name', 'int', 'i4', 'i8', 'double', 'string', 'base64', 'boolean', 'nil', 'ex:nil'],
  'dateTime.iso8601',
]
const known = new Set(tags)

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Latin-1 text, a character a byte: what a reference stands for is put there as its bytes of UTF-8. */
const withoutReferences = (raw: string): string =>
  raw.replace(/&([^;&]{0,12});?/g, (_whole, name: string) => {
    const plain = named[name]
    if (plain !== undefined) return plain
    const digits = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name)
    const code = digits ? Number.parseInt(digits[1] ?? digits[2] ?? '', digits[1] ? 16 : 10) : -1
    if (code < 0 || code > 0x10ffff) throw bad('an entity that is not known')
    return Buffer.from(String.fromCodePoint(code)).toString('latin1')
  })

type Token =
  | { readonly kind: 'open' | 'close' | 'empty'; readonly tag: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end' }

/** Text between tags, and tags without attributes; nothing else. */
class Tokens {
  readonly #xml: string
  #at = 0

  constructor(xml: string) {
    const declaration = /^\s*<\?xml [^<>]*\?>/.exec(xml)
    this.#xml = xml
    this.#at = declaration?.[0].length ?? 0
  }

  next(): Token {
    const xml = this.#xml
    if (this.#at >= xml.length) return { kind: 'end' }
    if (xml[this.#at] !== '<') {
      const until = xml.indexOf('<', this.#at)
      const text = xml.slice(this.#at, until < 0 ? xml.length : until)
      this.#at += text.length
      return { kind: 'text', text }
    }
    const until = xml.indexOf('>', this.#at)
    if (until < 0) throw bad('it ends within a tag')
    const inside = xml.slice(this.#at + 1, until)
    this.#at = until + 1
    if (inside.startsWith('!')) throw bad('it holds a DOCTYPE or another declaration')
    const parts = /^(\/?)([A-Za-z0-9.:]+)\s*(\/?)$/.exec(inside)
    const tag = parts?.[2]
    if (!parts || tag === undefined || !known.has(tag)) throw bad('a tag that is not known')
    const kind = parts[1] ? 'close' : parts[3] ? 'empty' : 'open'
    if (parts[1] && parts[3]) throw bad('a tag that is not known')
    return { kind, tag }
  }
}

class Reader {
  readonly #tokens: Tokens
  #ahead: Token | undefined
  #values = 0

  constructor(xml: string) {
    this.#tokens = new Tokens(xml)
  }

  #peek(): Token {
    this.#ahead ??= this.#tokens.next()
    return this.#ahead
  }

  #take(): Token {
    const token = this.#peek()
    this.#ahead = undefined
    return token
  }

  /** What stands between tags has no meaning there, and must be white space. */
  #skip(): Token {
    for (;;) {
      const token = this.#peek()
      if (token.kind !== 'text') return token
      if (token.text.trim() !== '') throw bad('text in a place where none can be')
      this.#take()
    }
  }

  #is(kind: 'open' | 'close' | 'empty', tag: string): boolean {
    const token = this.#skip()
    return token.kind === kind && token.tag === tag
  }

  #expect(kind: 'open' | 'close', tag: string): void {
    if (!this.#is(kind, tag)) throw bad(`no ${kind === 'close' ? '/' : ''}${tag} where it must be`)
    this.#take()
  }

  #textUntil(tag: string): string {
    let text = ''
    for (;;) {
      const token = this.#take()
      if (token.kind === 'text') text += token.text
      else if (token.kind === 'close' && token.tag === tag) return withoutReferences(text)
      else throw bad(`no /${tag} where it must be`)
    }
  }

  response(): Response {
    this.#expect('open', 'methodResponse')
    const response = this.#is('open', 'fault') ? this.#fault() : this.#params()
    this.#expect('close', 'methodResponse')
    if (this.#skip().kind !== 'end') throw bad('something comes after its end')
    return response
  }

  #params(): Response {
    this.#expect('open', 'params')
    this.#expect('open', 'param')
    const value = this.#value(0)
    this.#expect('close', 'param')
    this.#expect('close', 'params')
    return { kind: 'value', value }
  }

  #fault(): Response {
    this.#expect('open', 'fault')
    const value = this.#value(0)
    this.#expect('close', 'fault')
    const { faultCode, faultString } =
      typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
        ? Object.assign(Object.create(null), value)
        : {}
    const text = faultString instanceof Uint8Array ? Buffer.from(faultString).toString() : ''
    return { kind: 'fault', code: typeof faultCode === 'number' ? faultCode : 0, text }
  }

  #value(depth: number): FuncValue {
    if (depth > MAX_DEPTH) throw bad('it is nested too deeply')
    if (++this.#values > MAX_VALUES) throw bad('it holds too many values')
    if (this.#is('empty', 'value')) {
      this.#take()
      return Buffer.alloc(0)
    }
    this.#expect('open', 'value')
    let text = ''
    while (this.#peek().kind === 'text') {
      const token = this.#take()
      if (token.kind === 'text') text += token.text
    }
    const token = this.#take()
    // Text without a tag of its own is a string.
    if (token.kind === 'close' && token.tag === 'value') {
      return Buffer.from(withoutReferences(text), 'latin1')
    }
    if (text.trim() !== '') throw bad('text in a place where none can be')
    const value = this.#typed(token, depth)
    this.#expect('close', 'value')
    return value
  }

  #typed(token: Token, depth: number): FuncValue {
    if (token.kind === 'empty') {
      switch (token.tag) {
        case 'nil':
        case 'ex:nil':
          return null
        case 'string':
        case 'base64':
          return Buffer.alloc(0)
        case 'struct':
          return {}
      }
      throw bad(`an empty ${token.tag}`)
    }
    if (token.kind !== 'open') throw bad('no value where it must be')
    const { tag } = token
    switch (tag) {
      case 'array':
        return this.#array(depth)
      case 'struct':
        return this.#struct(depth)
      case 'string':
      case 'dateTime.iso8601':
        return Buffer.from(this.#textUntil(tag), 'latin1')
      case 'base64':
        return bytesOf(this.#textUntil(tag))
      case 'int':
      case 'i4':
      case 'i8':
        return numberOf(this.#textUntil(tag), /^[+-]?[0-9]{1,20}$/)
      case 'double':
        return numberOf(this.#textUntil(tag), /^[+-]?(?:[0-9.]+(?:e[+-]?[0-9]+)?|inf|nan)$/i)
      case 'boolean':
        return this.#textUntil(tag).trim() === '1'
      case 'nil':
      case 'ex:nil':
        this.#textUntil(tag)
        return null
    }
    throw bad(`${tag} where a value must be`)
  }

  #array(depth: number): FuncValue {
    const items: FuncValue[] = []
    if (this.#is('empty', 'data')) this.#take()
    else {
      this.#expect('open', 'data')
      while (!this.#is('close', 'data')) items.push(this.#value(depth + 1))
      this.#expect('close', 'data')
    }
    this.#expect('close', 'array')
    return items
  }

  #struct(depth: number): FuncValue {
    const members = new Map<string, FuncValue>()
    while (this.#is('open', 'member')) {
      this.#take()
      this.#expect('open', 'name')
      const name = Buffer.from(this.#textUntil('name'), 'latin1').toString()
      members.set(name, this.#value(depth + 1))
      this.#expect('close', 'member')
    }
    this.#expect('close', 'struct')
    return Object.fromEntries(members)
  }
}

const bytesOf = (text: string): Buffer => {
  const letters = text.replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(letters)) throw bad('base64 that is none')
  return Buffer.from(letters, 'base64')
}

const numberOf = (text: string, shape: RegExp): number => {
  const trimmed = text.trim()
  if (!shape.test(trimmed)) throw bad('a number that is none')
  return Number(trimmed.replace(/inf/i, 'Infinity'))
}

/** Throws BadAnswer. */
export const readResponse = (bytes: Uint8Array): Response => {
  if (bytes.length > ANSWER_MAX_BYTES) {
    throw new BadAnswer(`the answer is larger than ${ANSWER_MAX_BYTES / 1024 / 1024} MB`)
  }
  return new Reader(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'),
  ).response()
}
