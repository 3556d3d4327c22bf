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
 * Addresses with line ends, blanks or commas between; a line of a name and an IP (in either order), or of a hostname
 * and a name after it, is one host, and so is an IP with several names (the first is taken). Ranges: `10.0.0.[1-20]`,
 * `10.0.0.1-20`, `web-[1-3] 10.0.0.[1-3]`; `address:port`; `#` begins a comment. The same line twice counts once.
 * Bounds and problems as in parseHostsFile.
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
    const plain = whole.replace(/#.*$/, '')
    for (const pasted of hostsOf(plain.match(word) ?? [], isListed(plain))) {
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

/** Commas stand between hosts; a blank may also stand between a host and its name. */
const isListed = (line: string): boolean =>
  /[,;，；、]/.test(line.replace(/\[[\d,:-]{0,500}\]/g, ''))

/** A text in place of a host is a range that does not expand. */
const hostsOf = (words: readonly string[], listed: boolean): (Pasted | string)[] => {
  const lists = words.map((word) => expand(word) ?? word)
  const bad = lists.filter((list) => typeof list === 'string')
  if (bad.length > 0) return bad
  const [first = [], second = []] = lists.filter((list) => typeof list !== 'string')
  if (words.length === 2 && first.length === second.length) {
    const pairs = first.map((word, n) => pairOf(word, second[n] ?? '', listed, first.length > 1))
    if (pairs.every((pair) => pair !== undefined)) return pairs
  }
  const isEtcHosts =
    words.length > 2 && !listed && words.every((word, n) => isIp(word) === (n === 0))
  if (isEtcHosts && first[0] !== undefined && second.length === 1)
    return [{ ...splitPort(first[0]), name: second[0] ?? '' }]
  return lists.flat().map((word) => {
    const { address, port } = splitPort(word)
    return { name: address, address, ...(port !== undefined && { port }) }
  })
}

const isIp = (word: string): boolean => parseIp(splitPort(word).address) !== undefined

/** Which of the two is the address: the IP, else the one with a domain, else the first. */
const pairOf = (
  one: string,
  other: string,
  listed: boolean,
  ranges: boolean,
): Pasted | undefined => {
  const [a, b] = [splitPort(one), splitPort(other)]
  if (isIp(one) !== isIp(other))
    return isIp(one) ? { ...a, name: b.address } : { ...b, name: a.address }
  if (isIp(one) || listed) return undefined
  const [isA, isB] = [a.address.includes('.'), b.address.includes('.')]
  // Two ranges of names are two lists of hosts, unless one is the other with a domain.
  if (isA === isB && ranges) return undefined
  const [host, named] = isB && !isA ? [b, a] : [a, b]
  return named.port === undefined ? { ...host, name: named.address } : undefined
}

const splitPort = (word: string): { address: string; port?: string } => {
  const found = /^([^:]+):(\d+)$/.exec(word)
  return found?.[1] && found[2] ? { address: found[1], port: found[2] } : { address: word }
}

const expand = (word: string): string[] | undefined => {
  const span = /^(\d+\.\d+\.\d+\.)(\d+)-(?:\1)?(\d+)$/.exec(word)
  return expandRange(span ? `${span[1]}[${span[2]}-${span[3]}]` : word)
}
