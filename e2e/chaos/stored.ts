// What the database has of a run, by name of host.

import type { Query } from '../support/database-rows.ts'

export interface StoredHost {
  readonly state: string
  readonly reason: string | null
  readonly attempt: number
  readonly endedAt: number
  readonly outputBytes: number
  readonly answer: string | null
}

export interface StoredOutput {
  readonly bytes: Buffer
  readonly rows: number
}

const unended = ['queued', 'running']

/** Throws when a host has more than one row. */
export const storedHosts = async (
  query: Query,
  runId: string,
): Promise<ReadonlyMap<string, StoredHost>> => {
  const rows = await query(
    `select name, state, reason, attempt, ended_at, output_bytes, answer from host_results where run_id = '${runId}'`,
  )
  const hosts = new Map(
    rows.map((row) => [
      String(row['name']),
      {
        state: String(row['state']),
        reason: row['reason'] === null ? null : String(row['reason']),
        attempt: Number(row['attempt']),
        endedAt: Number(row['ended_at']),
        outputBytes: Number(row['output_bytes']),
        answer: row['answer'] === null ? null : String(row['answer']),
      },
    ]),
  )
  if (hosts.size !== rows.length) throw new Error(`${rows.length} rows of ${hosts.size} hosts`)
  return hosts
}

export const hasEnded = ({ state }: StoredHost): boolean => !unended.includes(state)

export const endedIn = (stored: ReadonlyMap<string, StoredHost>, host: string): boolean => {
  const row = stored.get(host)
  return row !== undefined && hasEnded(row)
}

export const runningIn = (stored: ReadonlyMap<string, StoredHost>): readonly string[] =>
  [...stored].flatMap(([host, { state }]) => (state === 'running' ? [host] : []))

export const storedOutputs = async (
  query: Query,
  runId: string,
): Promise<ReadonlyMap<string, StoredOutput>> => {
  const rows = await query(
    `select o.*, h.name as host_name from outputs o join host_results h on h.run_id = o.run_id and h.host_id = o.host_id and h.attempt = o.attempt where o.run_id = '${runId}'`,
  )
  const byHost = Map.groupBy(rows, (row) => String(row['host_name']))
  return new Map(
    [...byHost].map(([host, own]) => {
      const inOrder = own.toSorted((a, b) => Number(a['offset']) - Number(b['offset']))
      return [
        host,
        {
          bytes: Buffer.concat(
            inOrder.map((row) => Buffer.from(row['bytes'] as unknown as Buffer)),
          ),
          rows: own.length,
        },
      ]
    }),
  )
}
