// What an import would do to the fleet: which hosts are new, what changes of the others, and what is wrong.

import type { ImportPreview } from '@omserver/api'
import {
  type DriverName,
  type FileProblem,
  type HostEntry,
  type Labels,
  Problem,
} from '@omserver/core'
import { checkJumps, checkLabel, credentialIdOf } from './check-host.ts'
import type { CredentialNames } from './credential-names.ts'
import type { Fleet } from './fleet.ts'
import type { StoredHost } from './table.ts'

const loopback = /^(localhost|127(\.\d+){3}|::1)$/

/** Given to every host where the file says nothing. */
export interface ImportDefaults {
  readonly port?: number
  readonly driver?: DriverName
  readonly labels?: Labels
  readonly credential?: string | null
  readonly jumpHost?: string | null
}

type FieldChange = ImportPreview['rows'][number]['changes'][number]

interface PlannedHost {
  readonly line: number
  readonly before: StoredHost | undefined
  /** `before` itself when nothing changes. */
  readonly host: StoredHost
  readonly changes: readonly FieldChange[]
}

export interface ImportPlan {
  readonly hosts: readonly PlannedHost[]
  readonly problems: readonly FileProblem[]
}

export interface PlanParts {
  readonly fleet: Fleet
  readonly credentials: CredentialNames
  readonly newId: () => string
  readonly now: number
}

/**
 * A host that exists keeps every field and label that neither the file nor the defaults state.
 * Throws Problem for bad defaults: LABEL_BAD, CREDENTIAL_UNKNOWN, JUMP_UNKNOWN.
 */
export const planImport = (
  entries: readonly HostEntry[],
  defaults: ImportDefaults,
  parts: PlanParts,
): ImportPlan => {
  const { fleet, credentials } = parts
  for (const [label, value] of Object.entries(defaults.labels ?? {})) checkLabel(label, value)
  if (defaults.credential) credentialIdOf(credentials, defaults.credential)
  const problems: FileProblem[] = []
  const report = (line: number, problem: Problem) =>
    problems.push({ line, code: problem.code, details: problem.details })

  const existing = finder(fleet, entries)
  const drafts = entries.map((entry) => {
    const before = existing(entry)
    return { entry, before, id: before?.id ?? parts.newId() }
  })
  // Hosts of the file may go through each other, whatever their order.
  const idByName = new Map(drafts.map(({ entry, id }) => [entry.name, id]))
  const { jumpHost } = defaults
  if (
    jumpHost &&
    !idByName.has(jumpHost) &&
    !fleet.byName.has(jumpHost) &&
    !fleet.byId.has(jumpHost)
  )
    throw new Problem('JUMP_UNKNOWN', { host: jumpHost })
  const nameById = new Map(drafts.map(({ entry, id }) => [id, entry.name]))
  const hosts = drafts.map(({ entry, before, id }): PlannedHost => {
    const credential = entry.credential ?? defaults.credential
    const jump = entry.jump ?? defaults.jumpHost
    const credentialId = credential ? credentials.idOf(credential) : before?.credentialId
    if (credential && !credentialId)
      report(entry.line, new Problem('CREDENTIAL_UNKNOWN', { credential }))
    const jumpHostId = jump
      ? (idByName.get(jump) ?? fleet.byName.get(jump)?.id ?? fleet.byId.get(jump)?.id)
      : before?.jumpHostId
    if (jump && !jumpHostId) report(entry.line, new Problem('JUMP_UNKNOWN', { host: jump }))
    const isServer = before?.driver === 'local' && !(entry.driver ?? defaults.driver)
    if (isServer && entry.address !== before.address && !loopback.test(entry.address)) {
      const { name, address } = entry
      report(entry.line, new Problem('HOST_IS_SERVER', { host: name, address }))
    }
    const host: StoredHost = {
      id,
      name: before?.name ?? entry.name,
      address: isServer ? before.address : entry.address,
      outerAddress: entry.outerAddress ?? before?.outerAddress,
      port: entry.port ?? defaults.port ?? before?.port ?? 22,
      driver: entry.driver ?? defaults.driver ?? before?.driver ?? 'ssh',
      labels: { ...before?.labels, ...defaults.labels, ...entry.labels },
      credentialId,
      // A default jump host does not go through itself.
      jumpHostId: jumpHostId === id && !entry.jump ? before?.jumpHostId : jumpHostId,
      encoding: entry.encoding ?? before?.encoding,
      createdAt: before?.createdAt ?? parts.now,
      updatedAt: parts.now,
    }
    const changes = before ? changesOf(before, host, parts, nameById) : []
    return {
      line: entry.line,
      before,
      host: before && changes.length === 0 ? before : host,
      changes,
    }
  })
  const planned = new Map(hosts.map(({ host }) => [host.id, host]))
  for (const { line, host } of hosts)
    try {
      checkJumps((id) => planned.get(id) ?? fleet.byId.get(id), host)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      report(line, error)
    }
  return { hosts, problems }
}

/**
 * The host an entry speaks of: the one of its name; for a bare address (it is its own name) the one host that has
 * that address, or pasting a list twice would double the fleet.
 */
const finder = (
  fleet: Fleet,
  entries: readonly HostEntry[],
): ((entry: HostEntry) => StoredHost | undefined) => {
  const named = new Set(entries.map(({ name }) => name))
  const byAddress = Map.groupBy(fleet.hosts, ({ address }) => address)
  return (entry) => {
    const host = fleet.byName.get(entry.name)
    if (host || entry.name !== entry.address) return host
    const [only, ...more] = byAddress.get(entry.address) ?? []
    const port = entry.port ?? only?.port
    return only && more.length === 0 && only.port === port && !named.has(only.name)
      ? only
      : undefined
  }
}

const changesOf = (
  from: StoredHost,
  to: StoredHost,
  { fleet, credentials }: PlanParts,
  nameById: ReadonlyMap<string, string>,
): FieldChange[] => {
  const credential = (id?: string) => (id && credentials.nameOf(id)) ?? ''
  const jump = (id = '') => fleet.byId.get(id)?.name ?? nameById.get(id) ?? ''
  const fields: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['address', from.address, to.address],
    ['outerAddress', from.outerAddress, to.outerAddress],
    ['port', String(from.port), String(to.port)],
    ['driver', from.driver, to.driver],
    ['credential', credential(from.credentialId), credential(to.credentialId)],
    ...(from.jumpHostId === to.jumpHostId
      ? []
      : [['jumpHost', jump(from.jumpHostId), jump(to.jumpHostId)] as const]),
    ['encoding', from.encoding, to.encoding],
    ...Object.entries(to.labels).map(
      ([label, value]) => [`labels.${label}`, from.labels[label], value] as const,
    ),
  ]
  return fields
    .filter(([, a = '', b = '']) => a !== b)
    .map(([field, a = '', b = '']) => ({ field, from: a, to: b }))
}
