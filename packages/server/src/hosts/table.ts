// Hosts as stored, and the counters that tell another replica that something changed.

import type { Host, Labels } from '@omserver/core'
import { type Db, type HostsTable, upsertRows } from '../db/index.ts'

/** A host with what only its own page shows. */
export interface StoredHost extends Host {
  /** ms UTC. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** What a counter counts: `hosts` hosts and groups, `keys` their keys. */
export type RevName = 'hosts' | 'keys'
export type Revs = Readonly<Record<RevName, number>>

const REV = 'rev.'
/** Rows written or removed before others get a turn; a whole fleet would hold the process for a second. */
const CHUNK = 5000

export const readHosts = async (db: Db): Promise<StoredHost[]> =>
  (await db.selectFrom('hosts').selectAll().execute()).map(hostOf)

export const readRevs = async (db: Db): Promise<Revs> => {
  const rows = await db
    .selectFrom('settings')
    .selectAll()
    .where('name', 'in', [`${REV}hosts`, `${REV}keys`])
    .execute()
  const value = (name: RevName) =>
    Number(rows.find((row) => row.name === `${REV}${name}`)?.value ?? 0)
  return { hosts: value('hosts'), keys: value('keys') }
}

export const writeRev = (trx: Db, name: RevName, value: number): Promise<void> =>
  writeSetting(trx, `${REV}${name}`, String(value))

export const readSetting = async (db: Db, name: string): Promise<string | undefined> =>
  (await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())
    ?.value

export const writeSetting = (db: Db, name: string, value: string): Promise<void> =>
  upsertRows(db, 'settings', ['name'], [{ name, value }])

export const putHosts = async (trx: Db, hosts: readonly StoredHost[]): Promise<void> => {
  for (const chunk of chunksOf(hosts)) {
    await upsertRows(trx, 'hosts', ['id'], chunk.map(rowOf))
    await aTurn()
  }
}

export const removeHosts = async (trx: Db, ids: readonly string[]): Promise<void> => {
  for (const chunk of chunksOf(ids)) {
    await trx.deleteFrom('hosts').where('id', 'in', chunk).execute()
    await aTurn()
  }
}

export interface LastRun {
  readonly hostId: string
  readonly runId: string
  readonly state: string
  readonly at: number
}

/** The latest run of each host that has one. Ids of runs sort by time. */
export const readLastRuns = async (db: Db, ids: readonly string[]): Promise<LastRun[]> => {
  if (ids.length === 0) return []
  const latest = db
    .selectFrom('host_results')
    .select((e) => ['host_id', e.fn.max('run_id').as('run_id')])
    .where('host_id', 'in', ids)
    .groupBy('host_id')
  const rows = await db
    .selectFrom('host_results as r')
    .innerJoin(latest.as('l'), (join) =>
      join.onRef('r.host_id', '=', 'l.host_id').onRef('r.run_id', '=', 'l.run_id'),
    )
    .innerJoin('runs', 'runs.id', 'r.run_id')
    .select(['r.host_id', 'r.run_id', 'r.state', 'r.ended_at', 'r.started_at', 'runs.created_at'])
    .orderBy('r.attempt')
    .execute()
  return rows.map((row) => ({
    hostId: row.host_id,
    runId: row.run_id,
    state: row.state,
    at: row.ended_at ?? row.started_at ?? row.created_at,
  }))
}

const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const chunksOf = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, n) =>
    all.slice(n * CHUNK, (n + 1) * CHUNK),
  )

const hostOf = (row: HostsTable): StoredHost => ({
  id: row.id,
  name: row.name,
  address: row.address,
  outerAddress: row.outer_address ?? undefined,
  port: row.port,
  driver: row.driver as Host['driver'],
  labels: JSON.parse(row.labels) as Labels,
  credentialId: row.credential_id ?? undefined,
  jumpHostId: row.jump_host_id ?? undefined,
  encoding: row.encoding ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

const rowOf = (host: StoredHost): HostsTable => ({
  id: host.id,
  name: host.name,
  address: host.address,
  outer_address: host.outerAddress ?? null,
  port: host.port,
  driver: host.driver,
  labels: JSON.stringify(host.labels),
  credential_id: host.credentialId ?? null,
  jump_host_id: host.jumpHostId ?? null,
  encoding: host.encoding ?? null,
  created_at: host.createdAt,
  updated_at: host.updatedAt,
})
