// A command on N real sshd hosts: OMServer against the tools people use, interleaved in rounds, cold and warm.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, credentialRoutes, hostRoutes } from '@omserver/api'
import { makeAccount } from '../e2e/support/account.ts'
import { type OmServer, startOmServer } from '../e2e/support/omserver.ts'
import { startSshd } from '../e2e/support/sshd.ts'
import { median, round, table } from './measure.ts'
import { clientOf, timeRun } from './om-run.ts'
import { peersOf, timePeer } from './peers.ts'

const FAN_OUT = 64
const COMMAND = 'echo hello'
const WARM_RUNS = 10

const OM_COLD = 'OMServer'
const OM_WARM = 'OMServer, connections open'
const OM_CLI = 'om run, connections open, with its own start'

type Note = (name: string, wallMs: number, cpuMs?: number) => void

interface OmHosts {
  readonly server: OmServer
  readonly client: Client
  readonly count: number
  readonly selector: string
}

const timeOm = async ({ server, client, count, selector }: OmHosts) => {
  const strategy = { concurrency: FAN_OUT }
  const input = { module: 'shell', params: { command: COMMAND }, selector, strategy }
  const timed = await timeRun(server, client, input, count)
  if (timed.counts['ok'] !== count) throw new Error(JSON.stringify(timed.counts))
  return timed
}

/** Once cold, ten times with connections open, once by the command line. */
const measureOm = async (hosts: OmHosts, note: Note): Promise<void> => {
  const cold = await timeOm(hosts)
  note(OM_COLD, cold.wallMs, cold.cpuMs / hosts.count)
  for (let n = 0; n < WARM_RUNS; n += 1) {
    const warm = await timeOm(hosts)
    note(OM_WARM, warm.wallMs, warm.cpuMs / hosts.count)
  }
  const begun = performance.now()
  const args = ['run', 'shell', '-t', hosts.selector, '-p', `command=${COMMAND}`, '--yes']
  const { code, stderr } = await hosts.server.om([...args, '--concurrency', `${FAN_OUT}`])
  if (code !== 0) throw new Error(`om run: ${code} ${stderr}`)
  note(OM_CLI, performance.now() - begun)
}

export const benchFanOut = async (hostCount: number, rounds: number): Promise<string> => {
  // A short path: the sockets of ControlMasters lie in it.
  const folder = mkdtempSync('/tmp/omb')
  const sshd = await startSshd({ config: ['MaxStartups 1000', 'MaxSessions 100'] })
  // An account with a plain shell and an empty home: whoever runs this may have a slow profile.
  const account = makeAccount()
  const server = await startOmServer()
  try {
    const client = clientOf(server)
    const keyFile = join(folder, 'key')
    writeFileSync(keyFile, sshd.key.privateKey, { mode: 0o600 })
    await client.call(credentialRoutes.add, {
      body: { name: 'bench', type: 'ssh-key', user: account.name, key: sshd.key.privateKey },
    })
    const fleet = {
      user: account.name,
      keyFile,
      port: sshd.port,
      folder,
      fanOut: FAN_OUT,
      command: COMMAND,
      answer: 'hello',
    }
    const { cold, warm } = await peersOf(fleet)
    const walls = new Map<string, number[]>()
    const cpus = new Map<string, number[]>()
    const put = (to: Map<string, number[]>, name: string, value: number) =>
      to.set(name, [...(to.get(name) ?? []), value])
    const note: Note = (name, wallMs, cpuMs) => {
      put(walls, name, wallMs)
      if (cpuMs !== undefined) put(cpus, name, cpuMs)
    }
    for (let turn = 0; turn < rounds; turn += 1) {
      // A range of addresses of its own each round: no connection of an earlier one is open.
      const hosts = Array.from({ length: hostCount }, (_, n) => sshd.address(turn * hostCount + n))
      const lines = hosts.map(
        (address, n) => `r${turn}-${n},${address},${sshd.port},bench,r${turn}`,
      )
      const text = `name,address,port,credential,label:round\n${lines.join('\n')}`
      const content = Buffer.from(text).toString('base64')
      await client.call(hostRoutes.import, { body: { content, format: 'csv' } })
      await measureOm({ server, client, count: hostCount, selector: `round=r${turn}` }, note)
      for (const peer of cold) note(peer.name, await timePeer(peer, fleet, hosts))
      for (const peer of warm) {
        await peer.prepare?.(hosts)
        try {
          for (let n = 0; n < 3; n += 1) note(peer.name, await timePeer(peer, fleet, hosts))
        } finally {
          await peer.tidy?.(hosts)
        }
      }
      console.error(`round ${turn + 1} of ${rounds} done`)
    }
    const rate = (name: string) => (hostCount * 1000) / median(walls.get(name) ?? [Number.NaN])
    const rowOf = (name: string) => {
      const cpu = cpus.get(name)
      return [
        name,
        round(rate(name), 1),
        round(rate(name) / rate('pdsh'), 2),
        cpu ? round(median(cpu), 2) : '',
      ]
    }
    const order = [
      OM_COLD,
      ...cold.map(({ name }) => name),
      OM_WARM,
      OM_CLI,
      ...warm.map(({ name }) => name),
    ]
    return table(
      [
        `${hostCount} sshd hosts, fan-out ${FAN_OUT}, medians of ${rounds} rounds`,
        'hosts/s',
        '× pdsh',
        'server CPU, ms a host',
      ],
      order.map(rowOf),
    )
  } finally {
    await server.remove()
    await sshd.stop()
    account.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}
