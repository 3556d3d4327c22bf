// Which hosts a selector picks.

import { globMatches } from './glob.ts'
import type { SelectableHost } from './host.ts'
import { addressKey, type HostIndex, indexHosts, ipsOf } from './host-index.ts'
import { inCidr, parseCidr, parseIp } from './ip.ts'
import { Problem } from './problem.ts'
import type { LabelCondition, LabelValue, Selector, Term } from './selector.ts'
import { mixed, parseSelector } from './selector-parse.ts'

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

/**
 * The picked ones of `hosts`, in their order. `groups` gives the text of each saved group; `index` is that of
 * `hosts`, from whoever keeps one.
 * Throws Problem GROUP_UNKNOWN {group}, GROUP_CYCLE {group, path}, what `parseSelector` throws (of a group's
 * text, or SELECTOR_MIXED of a host's name that stands among labels), SELECTOR_TOO_LARGE {limit}.
 */
export const matchHosts = <H extends SelectableHost>(
  selector: Selector,
  hosts: readonly H[],
  groups: Groups = new Map(),
  index: HostIndex = indexHosts(hosts),
): H[] => {
  const picked = pick(selector, { hosts, groups, index, done: new Map(), tests: 0 }, [])
  const matched: H[] = []
  // A few hosts of 100,000 are found without a look at each.
  for (let at = picked.indexOf(1); at >= 0; at = picked.indexOf(1, at + 1)) {
    const host = hosts[at]
    if (host) matched.push(host)
  }
  return matched
}

interface Matching {
  readonly hosts: readonly SelectableHost[]
  readonly groups: Groups
  readonly index: HostIndex
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
  const { hosts, index } = matching
  requireRoom(terms, matching)
  const picked = new Uint8Array(hosts.length)
  const put = (positions: readonly number[]): void => {
    for (const position of positions) picked[position] = 1
  }
  const putWritten = (text: string): void =>
    put(parseIp(text) ? index.at(addressKey(text)) : index.named(text))
  const tests: Test[] = []
  const groups: Picked[] = []
  const networks: ReturnType<typeof parseCidr>[] = []
  for (const term of terms) {
    switch (term.kind) {
      case 'all':
        picked.fill(1)
        break
      case 'name':
        put(index.named(term.name))
        break
      case 'range':
        for (const name of term.names) putWritten(name)
        break
      case 'address':
        put(index.at(addressKey(term.address)))
        break
      case 'cidr':
        networks.push(parseCidr(term.cidr))
        break
      case 'glob':
        tests.push(({ name }) => globMatches(term.pattern, name))
        break
      case 'labels':
        refuseNames(term, index)
        tests.push(every(term.conditions.map(labelTest)))
        break
      case 'group':
        groups.push(pickGroup(term.group, matching, path))
        break
    }
  }
  if (networks.length > 0)
    tests.push((host) =>
      ipsOf(host).some((ip) => networks.some((network) => network && inCidr(ip, network))),
    )
  for (const group of groups) {
    for (let at = 0; at < picked.length; at += 1) if (group[at] === 1) picked[at] = 1
  }
  if (tests.length === 0) return picked
  for (const [at, host] of hosts.entries()) {
    if (picked[at] === 0 && tests.some((test) => test(host))) picked[at] = 1
  }
  return picked
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
const refuseNames = (term: Term & { kind: 'labels' }, index: HostIndex): void => {
  for (const condition of term.conditions) {
    if (condition.op !== 'exists' && condition.op !== 'absent') continue
    const { label } = condition
    if (index.hasLabel(label)) continue
    if (index.named(label).length > 0) throw mixed(label, condition.at)
  }
}

/**
 * What is written in the selector and no host has, each once: names, members of ranges, addresses, and bare
 * label names (`idc=sz,rol`). Subtracted ones count too: a typo there lets a host run that should not.
 * Groups are not looked into.
 */
export const unknownNames = (
  selector: Selector,
  hosts: readonly SelectableHost[],
  index: HostIndex = indexHosts(hosts),
): string[] => {
  const unknown = [...selector.include, ...selector.exclude].flatMap((term) => missing(term, index))
  return [...new Set(unknown)]
}

const missing = (term: Term, index: HostIndex): string[] => {
  const isKnown = (text: string): boolean =>
    (parseIp(text) ? index.at(addressKey(text)) : index.named(text)).length > 0
  switch (term.kind) {
    case 'name':
      return isKnown(term.name) ? [] : [term.name]
    case 'range':
      return term.names.filter((name) => !isKnown(name))
    case 'address':
      return isKnown(term.address) ? [] : [term.address]
    case 'labels':
      return term.conditions
        .filter(({ op }) => op === 'exists' || op === 'absent')
        .map(({ label }) => label)
        .filter((label) => !index.hasLabel(label))
    default:
      return []
  }
}
