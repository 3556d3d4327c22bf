// The engine, the controller and the database without SSH: 10,000 and 100,000 simulated hosts, and fifty runs at once.

import { hostRoutes } from '@omserver/api'
import { type OmServer, startOmServer } from '../e2e/support/omserver.ts'
import { cpuMs, median, memoryMb, round, table } from './measure.ts'
import { clientOf, type Timed, timeRun } from './om-run.ts'

const COMMAND = 'sim:chunks=5,bytes=200,delay=0'
const IMPORT = 20_000

export const addFleet = async (
  client: ReturnType<typeof clientOf>,
  hosts: number,
): Promise<void> => {
  for (let from = 0; from < hosts; from += IMPORT) {
    const lines = ['name,address,driver,label:sim,label:idc']
    for (let n = from; n < Math.min(hosts, from + IMPORT); n += 1) {
      lines.push(
        `sim-${n},127.${10 + (n >> 16)}.${(n >> 8) & 255}.${n & 255},sim,fast,idc-${n % 3}`,
      )
    }
    const content = Buffer.from(lines.join('\n')).toString('base64')
    await client.call(hostRoutes.import, { body: { content, format: 'csv' } })
  }
}

export const simulated = (selector: string, command: string) => ({
  module: 'shell',
  params: { command },
  selector,
  strategy: { concurrency: 10_000 },
})

const input = (selector: string) => simulated(selector, COMMAND)

type Row = readonly (string | number)[]

/**
 * A server of its own with that many hosts: what an earlier measurement left in memory is not counted. Of a database
 * server it finds what the one before it has left.
 */
const withFleet = async (
  hosts: number,
  database: string,
  measure: (server: OmServer, client: ReturnType<typeof clientOf>) => Promise<readonly Row[]>,
): Promise<readonly Row[]> => {
  const server = await startOmServer({ env: { OM_DATABASE_URL: database } })
  try {
    const client = clientOf(server)
    await addFleet(client, hosts)
    return await measure(server, client)
  } finally {
    await server.remove()
  }
}

const rowOf = (name: string, hosts: number, times: readonly Timed[], server: OmServer): Row => {
  const wall = median(times.map((one) => one.wallMs))
  return [
    name,
    round(wall / 1000, 2),
    round((hosts * 1000) / wall, 0),
    round(median(times.map((one) => one.cpuMs)) / hosts, 2),
    round(memoryMb(server.pid).peak, 0),
  ]
}

/** Fifty runs are one piece of work of 10,000 hosts; when the first of them ends says whether they shared. */
const fiftyRuns = async (
  server: OmServer,
  client: ReturnType<typeof clientOf>,
): Promise<Timed & { readonly firstMs: number }> => {
  const begun = performance.now()
  const cpu = cpuMs(server.pid)
  const runs = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      timeRun(server, client, input(`sim-[${n * 200}-${n * 200 + 199}]`), 200),
    ),
  )
  for (const { id, counts } of runs) {
    const { ok = 0, failed = 0, unreachable = 0 } = counts
    // Simulated hosts fail now and then by themselves; anything else would be ours.
    if (ok + failed + unreachable !== 200) throw new Error(`${id}: ${JSON.stringify(counts)}`)
  }
  return {
    id: '',
    counts: {},
    wallMs: performance.now() - begun,
    cpuMs: cpuMs(server.pid) - cpu,
    firstMs: Math.min(...runs.map((run) => run.wallMs)),
  }
}

export const benchSimulated = async (
  rounds: number,
  large: boolean,
  database: string,
): Promise<string> => {
  const all = 'sim-[0-9999]'
  const rows = [
    ...(await withFleet(10_000, database, async (server, client) => {
      const runs: Timed[] = []
      for (let n = 0; n < rounds; n += 1)
        runs.push(await timeRun(server, client, input(all), 10_000))
      return [rowOf('10,000 hosts × 5 chunks', 10_000, runs, server)]
    })),
    ...(await withFleet(10_000, database, async (server, client) => {
      const one: Timed[] = []
      const fifty: Awaited<ReturnType<typeof fiftyRuns>>[] = []
      for (let n = 0; n < rounds; n += 1) {
        one.push(await timeRun(server, client, input(all), 10_000))
        fifty.push(await fiftyRuns(server, client))
      }
      const first = round(median(fifty.map(({ firstMs }) => firstMs)) / 1000, 2)
      return [
        rowOf('the same, in turn with the next row', 10_000, one, server),
        rowOf(`50 runs × 200 at once (first ended after ${first} s)`, 10_000, fifty, server),
      ]
    })),
    ...(large
      ? await withFleet(100_000, database, async (server, client) => {
          const runs: Timed[] = []
          for (let n = 0; n < 3; n += 1) {
            runs.push(await timeRun(server, client, input('sim-[0-99999]'), 100_000))
          }
          return [rowOf('100,000 hosts × 5 chunks', 100_000, runs, server)]
        })
      : []),
  ]
  return table(
    ['work', 'POST to ended, s', 'hosts/s', 'server CPU, ms a host', 'peak RSS, MB'],
    rows,
  )
}
