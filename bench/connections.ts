// What an open, idle connection of the pool costs: the memory of a server that holds 10,000 of them.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { credentialRoutes, hostRoutes } from '@omserver/api'
import { startOmServer } from '../e2e/support/omserver.ts'
import { makeKey } from '../e2e/support/sshd.ts'
import { cpuMs, memoryMb, openSockets, round, table } from './measure.ts'
import { clientOf, timeRun } from './om-run.ts'

const WATCH_S = 30

export const benchConnections = async (hosts: number): Promise<string> => {
  const fleet = spawn(process.execPath, [join(import.meta.dirname, 'sim-sshd.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const server = await startOmServer()
  try {
    const [printed] = await once(fleet.stdout, 'data')
    const port = Number(String(printed))
    const client = clientOf(server)
    const { privateKey } = makeKey()
    await client.call(credentialRoutes.add, {
      body: { name: 'bench', type: 'ssh-key', user: 'bench', key: privateKey },
    })
    const lines = ['name,address,port,credential,driver,label:sim,label:kind']
    for (let n = 0; n < hosts; n += 1) {
      const address = `127.${20 + Math.floor(n / 50_000)}.${Math.floor(n / 250) % 200}.${(n % 250) + 1}`
      lines.push(`ssh-${n},${address},${port},bench,ssh,,real`)
      lines.push(`sim-${n},${address},22,,sim,fast,simulated`)
    }
    const content = Buffer.from(lines.join('\n')).toString('base64')
    await client.call(hostRoutes.import, { body: { content, format: 'csv' } })
    const run = (kind: string) =>
      timeRun(
        server,
        client,
        {
          module: 'shell',
          params: { command: 'echo hello' },
          selector: `kind=${kind}`,
          strategy: { concurrency: 256 },
        },
        hosts,
      )
    const idle = memoryMb(server.pid).now
    // The same work without connections first: what a run leaves in memory is not what a connection costs.
    for (let n = 0; n < 3; n += 1) await run('simulated')
    await sleep(WATCH_S * 1000)
    const before = memoryMb(server.pid).now
    const opened = await run('real')
    if (opened.counts['ok'] !== hosts) throw new Error(JSON.stringify(opened.counts))
    const held = openSockets(server.pid)
    const cpu = cpuMs(server.pid)
    await sleep(WATCH_S * 1000)
    const idleCpu = cpuMs(server.pid) - cpu
    const after = memoryMb(server.pid).now
    const again = await run('real')
    if (again.counts['ok'] !== hosts) throw new Error(JSON.stringify(again.counts))
    return table(
      [`${hosts} connections to a simulated sshd`, ''],
      [
        ['sockets held', held],
        [
          'memory when started, after three simulated runs, with connections, MB',
          [idle, before, after].map((mb) => round(mb, 0)).join(', '),
        ],
        ['KB a connection', round(((after - before) * 1024) / hosts, 1)],
        ['opening them, server CPU, ms each', round(opened.cpuMs / hosts, 2)],
        ['keeping them, % of a core', round(idleCpu / (WATCH_S * 10), 1)],
        ['the next run over them, s', round(again.wallMs / 1000, 2)],
        ['the next run, server CPU, ms a host', round(again.cpuMs / hosts, 2)],
      ],
    )
  } finally {
    await server.remove()
    fleet.kill()
  }
}
