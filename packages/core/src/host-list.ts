// Hosts pasted as text: a list of addresses, `name address` lines, ranges, or lines of an /etc/hosts.

import type { HostsFile } from './host-entry.ts'
import { hostsDraft } from './hosts-file/draft.ts'
import { HOSTS_FILE_MAX_BYTES } from './hosts-file.ts'
import { parseIp } from './ip.ts'
import { expandRange } from './name-range.ts'

/** A comma inside brackets belongs to a range. What brackets may hold is bounded: time stays linear. */
const word = /(?:\[[\d,:-]{0,500}\]|[^,;，；、\s[])+|\[/g

interface Pasted {
  readonly name: string
  readonly address: string
  readonly port?: string
}

/**
 * Addresses with line ends, blanks or commas between; a line of a name and an address (in either order) is one
 * host. Ranges: `10.0.0.[1-20]`, `10.0.0.1-20`, `web-[1-3] 10.0.0.[1-3]`; `address:port`; `#` begins a comment.
 * The same line twice counts once. Bounds and problems as in parseHostsFile.
 */
export const parseHostList = (text: string): HostsFile => {
  const draft = hostsDraft()
  const seen = new Set<string>()
  if (text.length > HOSTS_FILE_MAX_BYTES) {
    draft.tooLarge(1)
    return draft.finish()
  }
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    const words = whole.replace(/#.*$/, '').match(word) ?? []
    for (const pasted of hostsOf(words)) {
      if (typeof pasted === 'string') {
        const details = { range: pasted.slice(0, 80) }
        if (!draft.problem({ line, code: 'HOSTS_FILE_RANGE', details })) return draft.finish()
        continue
      }
      const key = JSON.stringify(pasted)
      if (seen.has(key)) continue
      seen.add(key)
      const { name, address, port } = pasted
      const texts = { name, address, ...(port !== undefined && { port }) }
      if (!draft.add({ line, texts, labels: new Map() })) return draft.finish()
    }
  }
  return draft.finish()
}

/** A text in place of a host is a range that does not expand. */
const hostsOf = (words: readonly string[]): (Pasted | string)[] => {
  const lists = words.map((word) => expand(word) ?? word)
  const bad = lists.filter((list) => typeof list === 'string')
  if (bad.length > 0) return bad
  const [first = [], second] = lists.filter((list) => typeof list !== 'string')
  if (words.length === 2 && second && first.length === second.length) {
    const pairs = first.map((word, n) => pairOf(word, second[n] ?? ''))
    if (pairs.every((pair) => pair !== undefined)) return pairs
  }
  return lists.flat().map((word) => {
    const { address, port } = splitPort(word)
    return { name: address, address, ...(port !== undefined && { port }) }
  })
}

const pairOf = (one: string, other: string): Pasted | undefined => {
  const [a, b] = [splitPort(one), splitPort(other)]
  const [isA, isB] = [parseIp(a.address), parseIp(b.address)].map((ip) => ip !== undefined)
  if (isA === isB) return undefined
  return isA ? { ...a, name: b.address } : { ...b, name: a.address }
}

const splitPort = (word: string): { address: string; port?: string } => {
  const found = /^([^:]+):(\d+)$/.exec(word)
  return found?.[1] && found[2] ? { address: found[1], port: found[2] } : { address: word }
}

const expand = (word: string): string[] | undefined => {
  const span = /^(\d+\.\d+\.\d+\.)(\d+)-(?:\1)?(\d+)$/.exec(word)
  return expandRange(span ? `${span[1]}[${span[2]}-${span[3]}]` : word)
}
