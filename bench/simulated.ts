// The engine, the controller and the database without SSH: 10,000 and 100,000 simulated hosts, and fifty runs at once.

import { hostRoutes } from '@omserver/api'
import { startOmServer } from '../e2e/support/omserver.ts'
import { cpuMs, median, memoryMb, round, table } from './measure.ts'
import { clientOf, timeRun } from './om-run.ts'

const command = 'sim:chunks=5,bytes=200,delay=0'

const addFleet = async (client: ReturnType<typeof clientOf>, hosts: number): Promise<void> => {
  const part = 20_000
  for (let from = 0; from < hosts; from += part) {
    const lines = ['name,address,driver,label:sim,label:idc,label:fleet']
    for (let n = from; n < Math.min(hosts, from + part); n += 1) {
      lines.push(
        `sim-${n},127.${10 + (n >> 16)}.${(n >> 8) & 255}.${n & 255},sim,fast,idc-${n % 3},f${Math.floor(n / 10_000)}`,
      )
    }
    const content = Buffer.from(lines.join('\n')).toString('base64')
    await client.call(hostRoutes.import, { body: { content, format: 'csv' } })
  }
}

export const benchSimulated = async (rounds: number, large: boolean): Promise<string> => {
  const server = await startOmServer()
  try {
    const client = clientOf(server)
    const idle = memoryMb(server.pid).now
    await addFleet(client, large ? 100_000 : 10_000)
    const input = (selector: string) => ({
      module: 'shell',
      params: { command },
      selector,
      strategy: { concurrency: 10_000 },
    })
    const ten = []
    for (let n = 0; n < rounds; n += 1)
      ten.push(await timeRun(server, client, input('fleet=f0'), 10_000))
    const peakTen = memoryMb(server.pid).peak
    const rows: (string | number)[][] = [
      ['idle server', '', '', round(idle, 0)],
      [
        '10,000 hosts × 5 chunks',
        round(median(ten.map((one) => one.wallMs)) / 1000, 2),
        round(median(ten.map((one) => one.cpuMs)) / 10_000, 2),
        round(peakTen, 0),
      ],
    ]
    const begun = performance.now()
    const cpu = cpuMs(server.pid)
    const fifty = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        timeRun(server, client, input(`sim-[${n * 200}-${n * 200 + 199}]`), 200),
      ),
    )
    const ends = fifty.map((one) => one.wallMs)
    rows.push([
      `50 runs × 200 at once (first ends after ${round(Math.min(...ends) / 1000, 2)} s)`,
      round((performance.now() - begun) / 1000, 2),
      round((cpuMs(server.pid) - cpu) / 10_000, 2),
      round(memoryMb(server.pid).peak, 0),
    ])
    if (large) {
      const hundred = await timeRun(server, client, input('sim-[0-99999]'), 100_000)
      rows.push([
        '100,000 hosts × 5 chunks',
        round(hundred.wallMs / 1000, 2),
        round(hundred.cpuMs / 100_000, 2),
        round(memoryMb(server.pid).peak, 0),
      ])
    }
    return table(['work', 'POST to ended, s', 'CPU ms a host', 'peak RSS MB'], rows)
  } finally {
    await server.remove()
  }
}
