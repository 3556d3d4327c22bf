// Freezes a run's targets: every host gets its row before anything runs, in pieces that hold up nobody. Until the
// last piece is stored the run is not there: a server that dies meanwhile removes what it finds of it.

import { type DriverName, driverFor, type Host, idcOf, type TargetHost } from '@omserver/core'
import type { HostResultsTable, SharedTransaction } from '../db/index.ts'
import type { Db, Services } from '../services.ts'
import { ActiveRun } from './active-run.ts'
import { type HostRow, untried } from './host-row.ts'
import { nextTurn } from './next-turn.ts'
import { withOverlords } from './overlord-jumps.ts'
import type { RunEndpoints, RunHosts } from './ports.ts'
import { removeRun } from './remove-run.ts'
import { insertHosts } from './results-table.ts'
import { PREPARING, type RunRecord, rowOf } from './run-record.ts'
import type { RunSecrets } from './secrets.ts'
import { insertRun, insertSecrets, updateRun } from './table.ts'

const CHUNK = 500

export interface RunToStore {
  readonly run: RunRecord
  readonly hosts: readonly Host[]
  readonly secrets: ReadonlyMap<string, string>
  /** The credential of a host in this run, where it is not its own. */
  readonly credentialOf: (host: Host) => string | undefined
  /** Within the transaction that makes the run be there: when it fails, nothing has been launched. */
  readonly record: (trx: Db) => Promise<void>
}

export const storeRun = async (
  services: Services,
  parts: {
    readonly hosts: RunHosts
    readonly endpoints?: RunEndpoints
    readonly secrets: RunSecrets
    /** With other runs that are launched at the same time. */
    readonly together: SharedTransaction
  },
  { run, hosts, secrets, credentialOf, record }: RunToStore,
): Promise<ActiveRun> => {
  const { db } = services
  const rows: HostRow[] = []
  const batchOf = batchFinder(run.batches)
  const rowsFrom = async (from: number): Promise<readonly HostResultsTable[]> => {
    const chunk = hosts.slice(from, from + CHUNK)
    const carried = chunk.map((host) => ({ host, driver: carrierOf(host, run) }))
    const endpoints = (await parts.endpoints?.of(carried)) ?? []
    const targets = await withOverlords(parts, await parts.hosts.targetsOf(chunk, {}), endpoints)
    return carried.map(({ host, driver }, index): HostResultsTable => {
      const position = from + index
      const target = targets[index]
      if (target?.hostId !== host.id) throw new Error(`no target for ${host.name}`)
      const row = { ...newRow(run.id, host, position, batchOf(position)), driver }
      rows.push(row)
      const access = { credentialId: credentialOf(host), endpointId: endpoints[index] }
      return { ...row, target: JSON.stringify(frozen(target, access)) }
    })
  }
  const whole = { ...run, rev: hosts.length }
  const first = await rowsFrom(0)
  // Most runs have no more hosts than these: one commit, one wait for the disk.
  const isWhole = hosts.length <= CHUNK
  await parts.together(first.length, async (trx) => {
    await insertRun(trx, rowOf(isWhole ? whole : { ...run, state: PREPARING }))
    await insertSecrets(trx, parts.secrets.seal(run.id, secrets))
    await insertHosts(trx, first)
    if (isWhole) await record(trx)
  })
  if (isWhole) return new ActiveRun(whole, rows)
  try {
    for (let from = CHUNK; from < hosts.length; from += CHUNK) {
      await nextTurn()
      await insertHosts(db, await rowsFrom(from))
    }
    await db.transaction().execute(async (trx) => {
      await record(trx)
      await updateRun(trx, run.id, { state: run.state, rev: hosts.length })
    })
  } catch (error) {
    await removeRun(db, run.id).catch((also: unknown) => {
      services.log.error(
        { err: also, run: run.id },
        'what was stored of a run could not be removed',
      )
    })
    throw error
  }
  return new ActiveRun(whole, rows)
}

/** Each row has a rev of its own from the beginning, so that readers can page by it. */
const newRow = (
  runId: string,
  host: Host,
  position: number,
  batch: number,
): Omit<HostRow, 'driver'> => ({
  run_id: runId,
  host_id: host.id,
  attempt: 1,
  position,
  name: host.name,
  address: host.address,
  idc: idcOf(host),
  batch,
  slice_id: null,
  ...untried,
  rev: position + 1,
})

const carrierOf = (host: Host, { action }: RunRecord): DriverName =>
  action === null ? host.driver : driverFor(host.driver, action)

const frozen = (
  target: TargetHost,
  found: { readonly credentialId: string | undefined; readonly endpointId: string | undefined },
): TargetHost => ({
  ...target,
  ...(found.endpointId === undefined ? {} : { endpointId: found.endpointId }),
  ...(found.credentialId === undefined
    ? {}
    : { access: { ...target.access, credentialId: found.credentialId } }),
})

/** Positions are asked for in rising order. */
const batchFinder = (batches: readonly number[]): ((position: number) => number) => {
  let batch = 0
  let end = batches[0] ?? 0
  return (position) => {
    while (position >= end && batch + 1 < batches.length) end += batches[++batch] ?? 0
    return batch
  }
}
