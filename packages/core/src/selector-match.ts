// Which hosts a selector picks.

import { globMatches } from './glob.ts'
import type { Host } from './host.ts'
import { type Ip, inCidr, ipKey, parseCidr, parseIp } from './ip.ts'
import { Problem } from './problem.ts'
import type { LabelCondition, LabelValue, Selector, Term } from './selector.ts'
import { parseSelector } from './selector-parse.ts'

export type SelectableHost = Pick<Host, 'name' | 'address' | 'outerAddress' | 'labels' | 'driver'>
export type Groups = ReadonlyMap<string, string>

type Test = (host: SelectableHost) => boolean
/** One flag a host, in the order of the hosts. */
type Picked = Uint8Array

/** Conditions that must look at every host (globs, networks, labels) in one selector with its groups. */
const MAX_TESTS = 2000

/** Conditions times hosts: about half a second, in which nobody else is answered. */
const MAX_LOOKS = 5_000_000

const valueTest = (values: readonly LabelValue[]): ((value: string) => boolean) => {
  const texts = new Set(values.filter(({ glob }) => !glob).map(({ text }) => text))
  const globs = values.filter(({ glob }) => glob).map(({ text }) => text)
  return (value) => texts.has(value) || globs.some((glob) => globMatches(glob, value))
}

const labelTest = (condition: LabelCondition): Test => {
  const { label } = condition
  const has: Test = ({ labels }) => Object.hasOwn(labels, label)
  if (condition.op === 'exists') return has
  if (condition.op === 'absent') return (host) => !has(host)
  const many = condition.op === 'in' || condition.op === 'notIn'
  const fits = valueTest(many ? condition.values : [condition.value])
  const holds: Test = (host) => has(host) && fits(host.labels[label] ?? '')
  return condition.op === 'equals' || condition.op === 'in' ? holds : (host) => !holds(host)
}

const every =
  (tests: readonly Test[]): Test =>
  (host) =>
    tests.every((test) => test(host))

const ipsOf = (host: SelectableHost): Ip[] =>
  [host.address, host.outerAddress].flatMap((address) => {
    const ip = address === undefined ? undefined : parseIp(address)
    return ip ? [ip] : []
  })

/** The key an address is looked up by; IPv4 addresses have one spelling only, so their text will do. */
const addressKey = (address: string): string => {
  if (!address.includes(':')) return address
  const ip = parseIp(address)
  if (!ip) return address
  return ip.length === 2
    ? ip.flatMap((group) => [group >> 8, group & 255]).join('.')
    : `v6 ${ipKey(ip)}`
}

/**
 * The picked ones of `hosts`, in their order. `groups` gives the text of each saved group.
 * Throws Problem GROUP_UNKNOWN {group}, GROUP_CYCLE {group, path}, SELECTOR_SYNTAX (of a group's text, or of a
 * host's name that stands among labels), SELECTOR_TOO_LARGE {limit}.
 */
export const matchHosts = <H extends SelectableHost>(
  selector: Selector,
  hosts: readonly H[],
  groups: Groups = new Map(),
): H[] => {
  const picked = pick(selector, { hosts, groups, done: new Map(), tests: 0 }, [])
  return hosts.filter((_, index) => picked[index] === 1)
}

interface Matching {
  readonly hosts: readonly SelectableHost[]
  readonly groups: Groups
  /** Each group is worked out once, however often it is named: groups of groups would double at each level. */
  readonly done: Map<string, Picked>
  tests: number
}

const pick = (selector: Selector, matching: Matching, path: readonly string[]): Picked => {
  const included = union(selector.include, matching, path)
  if (selector.exclude.length === 0) return included
  const excluded = union(selector.exclude, matching, path)
  return included.map((flag, index) => (excluded[index] === 1 ? 0 : flag))
}

/** Before any host is looked at: a few kilobytes of text must not keep the process busy for minutes. */
const requireRoom = (terms: readonly Term[], matching: Matching): void => {
  for (const term of terms) {
    if (term.kind === 'labels') matching.tests += term.conditions.length
    else if (term.kind === 'glob' || term.kind === 'cidr') matching.tests += 1
  }
  const limit = Math.min(MAX_TESTS, Math.floor(MAX_LOOKS / Math.max(1, matching.hosts.length)))
  if (matching.tests > limit) throw new Problem('SELECTOR_TOO_LARGE', { limit })
}

const union = (terms: readonly Term[], matching: Matching, path: readonly string[]): Picked => {
  const { hosts } = matching
  requireRoom(terms, matching)
  const names = new Set<string>()
  const addresses = new Set<string>()
  const tests: Test[] = []
  const groups: Picked[] = []
  const networks: ReturnType<typeof parseCidr>[] = []
  let all = false
  for (const term of terms) {
    switch (term.kind) {
      case 'all':
        all = true
        break
      case 'name':
        names.add(term.name)
        break
      case 'range':
        for (const name of term.names) (parseIp(name) ? addresses : names).add(name)
        break
      case 'address':
        addresses.add(addressKey(term.address))
        break
      case 'cidr':
        networks.push(parseCidr(term.cidr))
        break
      case 'glob':
        tests.push(({ name }) => globMatches(term.pattern, name))
        break
      case 'labels':
        refuseNames(term, hosts)
        tests.push(every(term.conditions.map(labelTest)))
        break
      case 'group':
        groups.push(pickGroup(term.group, matching, path))
        break
    }
  }
  if (all) return new Uint8Array(hosts.length).fill(1)
  if (addresses.size > 0)
    tests.push(
      ({ name, address, outerAddress }) =>
        addresses.has(addressKey(address)) ||
        addresses.has(addressKey(name)) ||
        (outerAddress !== undefined && addresses.has(addressKey(outerAddress))),
    )
  if (networks.length > 0)
    tests.push((host) =>
      ipsOf(host).some((ip) => networks.some((network) => network && inCidr(ip, network))),
    )
  return Uint8Array.from(hosts, (host, index) =>
    names.has(host.name) ||
    groups.some((group) => group[index] === 1) ||
    tests.some((test) => test(host))
      ? 1
      : 0,
  )
}

const pickGroup = (group: string, matching: Matching, path: readonly string[]): Picked => {
  if (path.includes(group)) throw new Problem('GROUP_CYCLE', { group, path: [...path, group] })
  const known = matching.done.get(group)
  if (known) return known
  const text = matching.groups.get(group)
  if (text === undefined) throw new Problem('GROUP_UNKNOWN', { group })
  const picked = pick(parseSelector(text), matching, [...path, group])
  matching.done.set(group, picked)
  return picked
}

/** In `idc=sz,web-1` the bare word asks for a label; where it is a host and no host has such a label, say so. */
const refuseNames = (term: Term & { kind: 'labels' }, hosts: readonly SelectableHost[]): void => {
  for (const condition of term.conditions) {
    if (condition.op !== 'exists' && condition.op !== 'absent') continue
    const { label } = condition
    if (hosts.some(({ labels }) => Object.hasOwn(labels, label))) continue
    if (hosts.some(({ name }) => name === label))
      throw new Problem('SELECTOR_SYNTAX', {
        part: label,
        at: term.at,
        expected: 'web-1 web-2 | idc=sz,app=nginx',
      })
  }
}

/**
 * What is written in the selector and no host has, each once: names, members of ranges, addresses, and bare
 * label names (`idc=sz,rol`). Subtracted ones count too: a typo there lets a host run that should not.
 * Groups are not looked into.
 */
export const unknownNames = (selector: Selector, hosts: readonly SelectableHost[]): string[] => {
  const written = [...selector.include, ...selector.exclude].flatMap(writtenNames)
  if (written.length === 0) return []
  const known = new Set<string>()
  for (const { name, address, outerAddress, labels } of hosts) {
    known.add(`name ${name}`).add(addressKey(name)).add(addressKey(address))
    if (outerAddress !== undefined) known.add(addressKey(outerAddress))
    for (const label of Object.keys(labels)) known.add(`label ${label}`)
  }
  const unknown = written.filter(({ key }) => !known.has(key)).map(({ text }) => text)
  return [...new Set(unknown)]
}

const writtenNames = (term: Term): { text: string; key: string }[] => {
  const name = (text: string) => ({ text, key: parseIp(text) ? addressKey(text) : `name ${text}` })
  switch (term.kind) {
    case 'name':
      return [name(term.name)]
    case 'range':
      return term.names.map(name)
    case 'address':
      return [name(term.address)]
    case 'labels':
      return term.conditions
        .filter(({ op }) => op === 'exists' || op === 'absent')
        .map(({ label }) => ({ text: label, key: `label ${label}` }))
    default:
      return []
  }
}
