// Endpoints of drivers: written through the API, opened only for whoever carries a run out.

import type { EndpointInput, EndpointView, UnservedHosts } from '@omserver/api'
import {
  type DriverEndpoint,
  type DriverName,
  endpointFor,
  endpointKindOf,
  type Host,
  idcOf,
  Problem,
  Secret,
} from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { checkPem } from './readable-pem.ts'
import * as stored from './stored.ts'
import * as table from './table.ts'

/** What endpoints need of hosts. */
export interface EndpointHosts {
  all(): Promise<readonly Host[]>
  byName(name: string): Promise<Host | undefined>
}

export interface EndpointService {
  list(): Promise<{
    readonly items: readonly EndpointView[]
    readonly unserved: readonly UnservedHosts[]
  }>
  /** Throws Problem: ENDPOINT_EXISTS, ENDPOINT_TAKEN, ENDPOINT_PEM_BAD, ENDPOINT_KEY_OTHER, ENDPOINT_OVERLORD. */
  add(actor: Actor, input: EndpointInput): Promise<EndpointView>
  /** Throws Problem ENDPOINT_UNKNOWN. */
  remove(actor: Actor, id: string): Promise<void>
  /** In the order of `hosts`; undefined: its driver needs none. Throws Problem ENDPOINT_MISSING. */
  of(
    hosts: readonly { readonly host: Host; readonly driver: DriverName }[],
  ): Promise<readonly (string | undefined)[]>
  /** Rejects with Problem ENDPOINT_UNKNOWN, SEAL_BROKEN. */
  open(id: string): Promise<DriverEndpoint>
}

type Known = Pick<EndpointView, 'id' | 'name' | 'kind' | 'idc'>

const sealContext = (id: string): string => `endpoint:${id}`

export const endpointService = (
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'sealer' | 'activity'>,
  parts: { readonly hosts: EndpointHosts },
): EndpointService => {
  const { db, clock, sealer, activity } = services

  const knownOf = ({ id, name, kind, idc }: table.EndpointRow): Known => ({
    id,
    name,
    kind: stored.kindOf(kind),
    idc,
  })
  const rowOf = async (id: string): Promise<table.EndpointRow> => {
    const row = await table.readById(db, id)
    if (!row) throw new Problem('ENDPOINT_UNKNOWN', { endpoint: id })
    return row
  }
  const viewOf = (row: table.EndpointRow, hosts: number): EndpointView => ({
    ...knownOf(row),
    settings: stored.settingsOf(row.settings),
    hosts,
    createdAt: row.created_at,
  })

  /** How many hosts each endpoint serves, and where hosts have none. */
  const servedBy = async (known: readonly Known[]) => {
    const served = new Map<string, number>()
    const unserved = new Map<string, UnservedHosts>()
    for (const host of await parts.hosts.all()) {
      const kind = endpointKindOf(host.driver)
      if (kind === undefined) continue
      const idc = idcOf(host)
      const found = endpointFor(known, kind, idc)
      if (found) {
        served.set(found.id, (served.get(found.id) ?? 0) + 1)
        continue
      }
      const key = `${kind} ${idc}`
      unserved.set(key, { kind, idc, hosts: (unserved.get(key)?.hosts ?? 0) + 1 })
    }
    return { served, unserved: [...unserved.values()] }
  }

  const checkFree = (rows: readonly table.EndpointRow[], input: EndpointInput): void => {
    const { name, kind, idc = null } = input
    if (rows.some((row) => row.name === name)) {
      throw new Problem('ENDPOINT_EXISTS', { endpoint: name })
    }
    const other = rows.find((row) => row.kind === kind && row.idc === idc)
    if (other) throw new Problem('ENDPOINT_TAKEN', { endpoint: other.name })
  }

  const checkOverlord = async ({ kind, settings }: EndpointInput): Promise<void> => {
    if (kind !== 'func' || settings.mode !== 'transmit') return
    const overlord = settings.overlord ?? ''
    if (!(await parts.hosts.byName(overlord))) throw new Problem('ENDPOINT_OVERLORD', { overlord })
  }

  return {
    list: async () => {
      const rows = await table.readAll(db)
      const { served, unserved } = await servedBy(rows.map(knownOf))
      return { items: rows.map((row) => viewOf(row, served.get(row.id) ?? 0)), unserved }
    },
    add: async (actor, input) => {
      checkPem(input)
      await checkOverlord(input)
      const id = services.newId()
      const secrets = new TextEncoder().encode(JSON.stringify(input.secrets))
      const row: table.EndpointRow = {
        id,
        name: input.name,
        kind: input.kind,
        idc: input.idc ?? null,
        settings: JSON.stringify(input.settings),
        sealed: sealer.seal(secrets, sealContext(id)),
        version: 1,
        created_at: clock.now(),
      }
      await db.transaction().execute(async (trx) => {
        checkFree(await table.readAll(trx), input)
        await table.insert(trx, row)
      })
      const { served } = await servedBy((await table.readAll(db)).map(knownOf))
      const view = viewOf(row, served.get(id) ?? 0)
      await activity.record(actor, { what: 'endpoints.add', subject: view.name, after: view })
      return view
    },
    remove: async (actor, id) => {
      const before = viewOf(await rowOf(id), 0)
      await table.remove(db, id)
      await activity.record(actor, { what: 'endpoints.remove', subject: before.name, before })
    },
    of: async (hosts) => {
      const kinds = hosts.map(({ driver }) => endpointKindOf(driver))
      if (kinds.every((kind) => kind === undefined)) return kinds
      const known = (await table.readAll(db)).map(knownOf)
      return hosts.map(({ host, driver }, index) => {
        const kind = kinds[index]
        if (kind === undefined) return undefined
        const idc = idcOf(host)
        const found = endpointFor(known, kind, idc)
        if (!found) throw new Problem('ENDPOINT_MISSING', { host: host.name, driver, idc })
        return found.id
      })
    },
    open: async (id) => {
      const row = await rowOf(id)
      const opened = stored.secretsOf(
        new TextDecoder().decode(sealer.open(row.sealed, sealContext(id))),
      )
      return {
        id,
        name: row.name,
        version: row.version,
        kind: stored.kindOf(row.kind),
        settings: stored.settingsOf(row.settings),
        secrets: Object.fromEntries(
          Object.entries(opened).map(([name, value]) => [name, new Secret(value)]),
        ),
      }
    },
  }
}
