// Which hosts of the fleet the filters of the page leave, and how that is written as one selector. Pure.

import { matchHosts, type SelectableHost, type Selector } from '@omserver/core'
import type { BriefHost } from './fleet.ts'
import { underPath } from './label-tree.ts'

export interface HostFilter {
  readonly order: readonly string[]
  readonly path: readonly string[]
  /** Words that must all occur in name, addresses or labels. */
  readonly text: string
  /** undefined: none. */
  readonly selector: Selector | undefined
}

const haystacks = new WeakMap<BriefHost, string>()
const haystack = (host: BriefHost): string => {
  const known = haystacks.get(host)
  if (known !== undefined) return known
  const labels = Object.entries(host.labels).map(([name, value]) => `${name}=${value}`)
  const text = [host.name, host.address, host.outerAddress ?? '', ...labels]
    .join('\n')
    .toLowerCase()
  haystacks.set(host, text)
  return text
}

const asSelectable = (host: BriefHost): SelectableHost & { readonly brief: BriefHost } => ({
  name: host.name,
  address: host.address,
  driver: host.driver,
  labels: host.labels,
  brief: host,
  ...(host.outerAddress === null ? {} : { outerAddress: host.outerAddress }),
})

/** In the order of `hosts`. Throws Problem (unknown group, group cycle). */
export const filterHosts = (
  hosts: readonly BriefHost[],
  filter: HostFilter,
  groups: ReadonlyMap<string, string>,
): readonly BriefHost[] => {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  const bySelector =
    filter.selector === undefined
      ? hosts
      : matchHosts(filter.selector, hosts.map(asSelectable), groups).map(({ brief }) => brief)
  if (words.length === 0 && filter.path.length === 0) return bySelector
  return bySelector.filter(
    (host) =>
      underPath(host.labels, filter.order, filter.path) &&
      words.every((word) => haystack(host).includes(word)),
  )
}

const plain = /^[\p{L}\p{M}\p{N}._/:+%&;~^$|<>{}#-]+$/u
const word = (text: string): string =>
  plain.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`

/** The node of the tree as a selector; undefined when it asks for hosts without a label. */
export const pathSelector = (
  order: readonly string[],
  path: readonly string[],
): string | undefined =>
  path.includes('')
    ? undefined
    : path.map((value, level) => `${word(order[level] ?? '')}=${word(value)}`).join(',')
