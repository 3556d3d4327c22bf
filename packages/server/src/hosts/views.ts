// Hosts as clients see them: single hosts, pages of them, the whole fleet in brief, and its labels.

import type { AnswerOf, HostView, hostRoutes } from '@omserver/api'
import { Problem } from '@omserver/core'
import { fingerprintOf } from '../fingerprint.ts'
import type { CredentialNames } from './credential-names.ts'
import { selectOf } from './directory.ts'
import { type Fleet, indexAfter } from './fleet.ts'
import type { Keys } from './pinned-keys.ts'
import type { LastRun, StoredHost } from './table.ts'

type KeyView = HostView['hostKey']

const keyView = (type: string | null | undefined, key: string | null | undefined): KeyView =>
  type && key ? { type, key, fingerprint: fingerprintOf(key) } : null

export const viewOf = (
  host: StoredHost,
  parts: {
    readonly fleet: Fleet
    readonly keys: Keys
    readonly credentials: CredentialNames
    readonly lastRuns: readonly LastRun[]
  },
): HostView => {
  const key = parts.keys.at(host)
  const last = parts.lastRuns.findLast((run) => run.hostId === host.id)
  return {
    id: host.id,
    name: host.name,
    address: host.address,
    outerAddress: host.outerAddress ?? null,
    port: host.port,
    driver: host.driver,
    labels: host.labels,
    credentialId: host.credentialId ?? null,
    credentialName: parts.credentials.nameOf(host.credentialId ?? '') ?? null,
    jumpHostId: host.jumpHostId ?? null,
    jumpHostName: parts.fleet.byId.get(host.jumpHostId ?? '')?.name ?? null,
    encoding: host.encoding ?? null,
    hostKey: keyView(key?.type, key?.key),
    changedKey: keyView(key?.changed_type, key?.changed_key),
    createdAt: host.createdAt,
    updatedAt: host.updatedAt,
    lastRun: last ? { runId: last.runId, state: last.state, at: last.at } : null,
  }
}

export interface HostPage {
  readonly hosts: readonly StoredHost[]
  /** Name of the last host of the page; null on the last page. */
  readonly next: string | null
  readonly total: number
}

export interface HostQuery {
  readonly selector?: string
  /** Words that must all occur in the name, an address or a label. */
  readonly text?: string
  readonly cursor?: string
  readonly limit: number
}

/** Throws Problem SELECTOR_SYNTAX, GROUP_UNKNOWN. */
export const pageOf = (fleet: Fleet, query: HostQuery): HostPage => {
  const selected = query.selector?.trim()
    ? (selectOf(fleet, query.selector).hosts as readonly StoredHost[])
    : fleet.hosts
  const words = (query.text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const found =
    words.length === 0
      ? selected
      : selected.filter((host) => words.every((word) => searchText(host).includes(word)))
  const from = query.cursor === undefined ? 0 : indexAfter(found, query.cursor)
  const hosts = found.slice(from, from + query.limit)
  const more = from + hosts.length < found.length
  return { hosts, next: more ? (hosts.at(-1)?.name ?? null) : null, total: found.length }
}

const searchTexts = new WeakMap<StoredHost, string>()
const searchText = (host: StoredHost): string => {
  const known = searchTexts.get(host)
  if (known !== undefined) return known
  const labels = Object.entries(host.labels).map(([name, value]) => `${name}=${value}`)
  const text = [host.name, host.address, host.outerAddress ?? '', ...labels]
    .join('\n')
    .toLowerCase()
  searchTexts.set(host, text)
  return text
}

type BriefHost = AnswerOf<typeof hostRoutes.brief>['items'][number]

export const briefOf = (fleet: Fleet, keys: Keys): readonly BriefHost[] =>
  fleet.hosts.map((host) => ({
    id: host.id,
    name: host.name,
    address: host.address,
    outerAddress: host.outerAddress ?? null,
    driver: host.driver,
    labels: host.labels,
    keyChanged: Boolean(keys.at(host)?.changed_key),
  }))

export const labelsOf = (fleet: Fleet): AnswerOf<typeof hostRoutes.labels>['items'] => {
  const names = new Map<string, Map<string, number>>()
  for (const host of fleet.hosts)
    for (const [name, value] of Object.entries(host.labels)) {
      const values = names.get(name) ?? new Map<string, number>()
      values.set(value, (values.get(value) ?? 0) + 1)
      names.set(name, values)
    }
  return [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => ({
      name,
      values: [...values]
        .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
        .map(([value, hosts]) => ({ value, hosts })),
    }))
}

/** By id or name. Throws Problem HOST_UNKNOWN {host}. */
export const requireHost = (fleet: Fleet, idOrName: string): StoredHost => {
  const host = fleet.byId.get(idOrName) ?? fleet.byName.get(idOrName)
  if (!host) throw new Problem('HOST_UNKNOWN', { host: idOrName })
  return host
}
