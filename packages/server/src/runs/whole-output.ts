// The whole output of hosts, as bytes and as text: at most what is kept of each, 1 MiB.

import { decodeOutput, stripTerminal } from '@omserver/core'
import type { Db } from '../db/index.ts'
import type { HostRow } from './host-row.ts'
import { chunksOfHost, firstChunks } from './outputs-table.ts'

/** Hosts whose outputs are read at once: 64 KiB each at most, as most have one chunk. */
const HOSTS_A_READ = 200

const CHUNKS_A_READ = 64

/** Of each row that has output; in the order of the rows. */
export async function* wholeOutputs(
  db: Db,
  rows: readonly HostRow[],
): AsyncGenerator<{ readonly row: HostRow; readonly bytes: Uint8Array }> {
  for (let from = 0; from < rows.length; from += HOSTS_A_READ) {
    const part = rows.slice(from, from + HOSTS_A_READ)
    const [first] = part
    if (!first) return
    const ids = part.map(({ host_id }) => host_id)
    const heads = new Map(
      (await firstChunks(db, first.run_id, ids)).map((chunk) => [
        `${chunk.host_id}.${chunk.attempt}`,
        chunk.bytes,
      ]),
    )
    for (const row of part) {
      const head = heads.get(`${row.host_id}.${row.attempt}`)
      if (!head) continue
      const whole = row.ended_at !== null && head.length >= row.output_bytes
      yield { row, bytes: whole ? head : await bytesOf(db, row) }
    }
  }
}

const bytesOf = async (db: Db, row: HostRow): Promise<Uint8Array> => {
  const key = { runId: row.run_id, hostId: row.host_id, attempt: row.attempt }
  const parts: Uint8Array[] = []
  let offset = 0
  for (;;) {
    const chunks = await chunksOfHost(db, key, offset, CHUNKS_A_READ)
    for (const chunk of chunks) parts.push(chunk.bytes)
    const last = chunks.at(-1)
    if (!last || chunks.length < CHUNKS_A_READ) return Buffer.concat(parts)
    offset = last.offset + last.bytes.length
  }
}

/** As a person reads it: decoded, terminal escapes removed. */
export const plainText = (bytes: Uint8Array, encoding: string | undefined): string =>
  stripTerminal(decodeOutput(bytes, encoding))
