// Hosts as YAML: `hosts:` with one entry a host, or an Ansible inventory.

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml'
import type { ProblemDetails } from '../problem.ts'
import { readInventory } from './ansible-yaml.ts'
import { type HostsDraft, keyOfHost, type TextKey, textKeys, type WrittenHost } from './draft.ts'
import { yamlMessage } from './yaml-error.ts'
import { readLine } from './yaml-line.ts'
import { type Piece, piecesOf } from './yaml-pieces.ts'
import type { YamlReader } from './yaml-reader.ts'

const expected = 'hosts: [{ name: web-1, address: 10.0.0.11, labels: { idc: sz } }]'

export const readYaml = (text: string, draft: HostsDraft): void => {
  const cut = piecesOf(text)
  switch (cut.kind) {
    case 'list':
      for (const piece of cut.pieces)
        if (!(readLines(piece, draft) ?? readPiece(piece, draft))) return
      return
    case 'whole':
      readPiece({ text, above: 0 }, draft)
      return
    case 'tooLarge':
      draft.tooLarge(1, cut.bytes)
      return
    case 'tooDeep':
      draft.problem({ line: 1, code: 'HOSTS_FILE_SHAPE', details: { expected } })
  }
}

/** undefined when a line is more than plain words: the piece is then the YAML parser's. False: stop reading. */
const readLines = ({ text, above }: Piece, draft: HostsDraft): boolean | undefined => {
  const hosts: WrittenHost[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue
    const host = readLine(line, above + index + 1)
    if (!host) return undefined
    hosts.push(host)
  }
  return hosts.every((host) => draft.add(host))
}

/** False: stop reading. */
const readPiece = ({ text, above }: Piece, draft: HostsDraft): boolean => {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    // The parser compares every key with every other; `entries` sees doubles in one pass.
    uniqueKeys: false,
  })
  const documents: readonly Document[] = 'empty' in parsed ? [] : parsed
  for (const document of documents) {
    const reader = readerOf(document, lines, above)
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0])
      const details = { message: { ...yamlMessage(error) } }
      const found = { line: line + above, column: col, code: 'HOSTS_FILE_SYNTAX', details }
      if (!draft.problem(found)) return false
    }
    if (document.errors.length > 0) return false
    const root = reader.follow(document.contents)
    if (root === null || (isScalar(root) && root.value === null)) continue
    const list = isMap(root) ? reader.follow(root.get('hosts', true)) : root
    if (isSeq(list)) {
      if (!readList(root, list.items, reader, draft)) return false
    } else if (isMap(root)) readInventory(root, reader, draft)
    else draft.problem({ ...reader.place(root), code: 'HOSTS_FILE_SHAPE', details: { expected } })
  }
  return true
}

const readerOf = (document: Document, lines: LineCounter, above: number): YamlReader => {
  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  const text = (node: unknown): string | undefined => {
    const scalar = follow(node)
    if (!isScalar(scalar) || scalar.value === null || scalar.value === undefined) return undefined
    return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value))
  }
  return {
    follow,
    text,
    place: (node) => {
      const { line, col } = lines.linePos((node as Node | null)?.range?.[0] ?? 0)
      return { line: Math.max(1, line) + above, column: Math.max(1, col) }
    },
    entries: (map) => {
      const seen = new Set<string>()
      return map.items.map((pair) => {
        const key = text(pair.key) ?? ''
        const twice = seen.has(key)
        seen.add(key)
        return { key, at: pair.key, value: follow(pair.value), twice }
      })
    },
  }
}

const readList = (
  root: unknown,
  items: readonly unknown[],
  reader: YamlReader,
  draft: HostsDraft,
): boolean => {
  for (const { key, at, twice } of isMap(root) ? reader.entries(root) : []) {
    const place = reader.place(at)
    if (key !== 'hosts')
      draft.problem({ ...place, code: 'HOSTS_FILE_KEY', details: { key, known: ['hosts'] } })
    else if (twice)
      draft.problem({ ...place, code: 'HOSTS_FILE_COLUMN_TWICE', details: { column: key } })
  }
  for (const item of items) {
    const host = reader.follow(item)
    const goOn = isMap(host)
      ? readHost(host, item, reader, draft)
      : draft.problem({ ...reader.place(item), code: 'HOSTS_FILE_SHAPE', details: { expected } })
    if (!goOn) return false
  }
  return true
}

const readHost = (host: YAMLMap, at: unknown, reader: YamlReader, draft: HostsDraft): boolean => {
  const texts: Partial<Record<TextKey, string>> = {}
  const columns: Record<string, number> = {}
  let labels: ReadonlyMap<string, string> = new Map()
  const taken = new Map<string, string>()
  let wrong = false
  for (const { key, at: place, value, twice } of reader.entries(host)) {
    const report = (code: string, details: ProblemDetails) => {
      wrong = true
      draft.problem({ ...reader.place(place), code, details })
    }
    const textKey = keyOfHost(key)
    const text = reader.text(value)
    if (twice) report('HOSTS_FILE_COLUMN_TWICE', { column: key })
    else if (key === 'labels') {
      if (isMap(value)) labels = readLabels(value, reader, draft)
      else if (!isScalar(value) || value.value !== null) report('HOSTS_FILE_VALUE', { key })
    } else if (!textKey) {
      const choice = draft.unknown(key.slice(0, 80), reader.place(place).line, text)
      if (choice === 'refuse') report('HOSTS_FILE_KEY', { key, known: [...textKeys, 'labels'] })
      else if (choice === 'label' && text !== undefined) taken.set(key, text)
      else if (choice === 'label' && value !== null && !isScalar(value))
        report('HOSTS_FILE_VALUE', { key })
    } else if (text !== undefined) texts[textKey] = text
    else if (!isScalar(value) && value !== null) report('HOSTS_FILE_VALUE', { key })
    if (textKey) columns[textKey] = reader.place(place).column ?? 1
  }
  const { line } = reader.place(at)
  // What is unknown in it has been said; a missing address beside a misspelt one would only confuse.
  if (wrong && texts.address === undefined) return true
  return draft.add({ line, texts, labels: new Map([...taken, ...labels]), columns })
}

const readLabels = (
  map: YAMLMap,
  reader: YamlReader,
  draft: HostsDraft,
): ReadonlyMap<string, string> => {
  const labels = new Map<string, string>()
  for (const { key, at, value, twice } of reader.entries(map)) {
    const text = reader.text(value)
    const place = reader.place(at)
    if (twice)
      draft.problem({ ...place, code: 'HOSTS_FILE_COLUMN_TWICE', details: { column: key } })
    else if (text !== undefined) labels.set(key, text)
    else if (!isScalar(value) && value !== null)
      draft.problem({ ...place, code: 'HOSTS_FILE_VALUE', details: { key: `labels.${key}` } })
  }
  return labels
}
