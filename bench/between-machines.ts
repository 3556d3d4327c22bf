// Server and controllers apart: nats-server with mutual TLS, an account per IDC, everything sealed. Beside it the same
// work in one process.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { controllerRoutes, hostRoutes, runRoutes } from '@omserver/api'
import { type NatsAccounts, startNatsAccounts } from '../e2e/support/nats-accounts.ts'
import { type OmServer, startOmServer } from '../e2e/support/omserver.ts'
import { cpuMs, median, memoryMb, round, table } from './measure.ts'
import { clientOf, timeRun } from './om-run.ts'

const IDC = 'sz'
const WATCH_S = 20
const script = resolve(import.meta.dirname, 'controllers-process.ts')

type Client = ReturnType<typeof clientOf>

interface Group {
  readonly pid: number
  /** When the intents of these keys were seen, by the clock of process.hrtime(), ns. */
  readonly seen: ReadonlyMap<string, number>
  kill(): Promise<void>
}

interface Apart {
  readonly nats: NatsAccounts
  readonly server: OmServer
  readonly client: Client
  group(names: readonly string[], slots: number): Promise<Group>
  close(): Promise<void>
}

const versionOf = (binary: string): string =>
  execFileSync(binary, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  }).trim()

const startGroup = async (told: object): Promise<Group> => {
  const child: ChildProcess = spawn(process.execPath, [script, JSON.stringify(told)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen = new Map<string, number>()
  const ended = once(child, 'exit')
  await new Promise<void>((ready, failed) => {
    void ended.then(() => failed(new Error('the controllers ended')))
    if (!child.stdout) return
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'ready') return ready()
      const { key, at } = JSON.parse(line) as { key: string; at: number }
      if (!seen.has(key)) seen.set(key, at)
    })
  })
  return {
    pid: child.pid ?? 0,
    seen,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const fleet = async (client: Client, hosts: number): Promise<void> => {
  const lines = ['name,address,driver,label:sim,label:idc']
  for (let n = 0; n < hosts; n += 1) {
    lines.push(`sim-${n},127.10.${(n >> 8) & 255}.${n & 255},sim,fast,${IDC}`)
  }
  const content = Buffer.from(lines.join('\n')).toString('base64')
  await client.call(hostRoutes.import, { body: { content, format: 'csv' } })
}

const startApart = async (
  binary: string,
  names: readonly string[],
  hosts: number,
): Promise<Apart> => {
  const members = names.map((name) => ['controller', name, IDC] as const)
  const nats = await startNatsAccounts(binary, [['server', 'web'], ...members])
  const server = await startOmServer({ command: 'server', args: ['--pki', join(nats.dir, 'web')] })
  const client = clientOf(server)
  await fleet(client, hosts)
  for (const name of names) {
    const sealKey = JSON.parse(readFileSync(join(nats.dir, name, 'identity.json'), 'utf8')).sealKey
    await client.call(controllerRoutes.enroll, { body: { name, idc: IDC, sealKey } })
  }
  const groups: Group[] = []
  return {
    nats,
    server,
    client,
    async group(those, slots) {
      const one = await startGroup({ pki: nats.dir, idc: IDC, names: those, slots, url: nats.url })
      groups.push(one)
      return one
    },
    async close() {
      for (const one of groups) await one.kill()
      await server.remove()
      await nats.stop()
    },
  }
}

const shell = (selector: string, command: string) => ({
  module: 'shell',
  params: { command },
  selector,
  strategy: { concurrency: 10_000 },
})

type Row = readonly (string | number)[]

/** The same runs in one process and apart, in turn. */
const againstEmbedded = async (apart: Apart, rounds: number, hosts: number): Promise<Row> => {
  const alone = await startOmServer()
  const near = clientOf(alone)
  await fleet(near, hosts)
  const input = shell(`sim-[0-${hosts - 1}]`, 'sim:chunks=5,bytes=200,delay=0')
  const [one, two]: [number[], number[]] = [[], []]
  for (let n = 0; n < rounds; n += 1) {
    one.push((await timeRun(alone, near, input, hosts)).wallMs)
    two.push((await timeRun(apart.server, apart.client, input, hosts)).wallMs)
  }
  await alone.remove()
  const times = median(two) / median(one)
  return [
    `${hosts} simulated hosts, 2 controllers: in one process ${round(median(one) / 1000, 2)} s, apart`,
    `${round(median(two) / 1000, 2)} s, × ${round(times, 2)}`,
    '≤ 3 ×',
  ]
}

const CHUNK = 32 * 1024
const CHUNKS = 30

const ingest = async ({ server, client }: Apart, rounds: number, hosts: number): Promise<Row> => {
  const input = shell(`sim-[0-${hosts - 1}]`, `sim:chunks=${CHUNKS},bytes=${CHUNK},delay=0`)
  const rates: number[] = []
  for (let n = 0; n < rounds; n += 1) {
    const { wallMs } = await timeRun(server, client, input, hosts)
    rates.push((hosts * CHUNKS * CHUNK) / 1e6 / (wallMs / 1000))
  }
  return [
    `output of ${hosts} hosts, ${CHUNKS} chunks of 32 KiB each, stored: MB/s`,
    round(median(rates), 1),
    '≥ 40',
  ]
}

/** The nearest rank. */
const percentile = (values: readonly number[], of: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * of) - 1] ?? 0

/** From the request to abort to the controller’s sight of it, ms. */
const aborts = async ({ client }: Apart, group: Group, samples: number): Promise<number[]> => {
  const waits: number[] = []
  for (let n = 0; n < samples; n += 1) {
    const run = await client.call(runRoutes.launch, {
      body: { ...shell(`sim-${n}`, 'sleep 600'), confirmHosts: 1 },
    })
    const running = async (): Promise<number> =>
      (await client.call(runRoutes.show, { params: { id: run.id } })).counts.running ?? 0
    for (let tries = 0; (await running()) === 0; tries++) {
      if (tries > 200) throw new Error('a run does not start')
      await sleep(50)
    }
    const asked = Number(process.hrtime.bigint())
    await client.call(runRoutes.abort, { params: { id: run.id } })
    const key = `run:${run.id}`
    for (let tries = 0; !group.seen.has(key); tries++) {
      if (tries > 1_000) throw new Error('an abort was not seen')
      await sleep(5)
    }
    waits.push(((group.seen.get(key) ?? 0) - asked) / 1e6)
  }
  return waits
}

const abortRow = (name: string, waits: readonly number[], target: string): Row => [
  name,
  `p50 ${round(median(waits), 1)}, p99 ${round(percentile(waits, 0.99), 1)} ms`,
  target,
]

/** Output as fast as it is taken, until `stop`. */
const saturate = (apart: Apart, hosts: number): (() => Promise<void>) => {
  let over = false
  const input = shell(`sim-[1000-${999 + hosts}]`, `sim:chunks=${CHUNKS},bytes=${CHUNK},delay=0`)
  const working = (async () => {
    while (!over) await timeRun(apart.server, apart.client, input, hosts)
  })()
  return async () => {
    over = true
    await working
  }
}

const twoAgainstOne = async (apart: Apart, names: readonly [string, string]): Promise<Row> => {
  const hosts = 2_000
  const input = shell(`sim-[0-${hosts - 1}]`, 'sleep 1')
  const first = await apart.group([names[0]], 100)
  const alone = await timeRun(apart.server, apart.client, input, hosts)
  const second = await apart.group([names[1]], 100)
  await sleep(1_000)
  const both = await timeRun(apart.server, apart.client, input, hosts)
  await first.kill()
  await second.kill()
  return [
    `${hosts} hosts of 1 s, 100 slots a controller: one ${round(alone.wallMs / 1000, 1)} s, two ${round(both.wallMs / 1000, 1)} s`,
    `× ${round(alone.wallMs / both.wallMs, 2)}`,
    '≥ 1.9 ×',
  ]
}

const crowd = async (binary: string, many: number): Promise<readonly Row[]> => {
  const names = Array.from({ length: many }, (_, n) => `c${n}`)
  const apart = await startApart(binary, names, 100)
  try {
    const half = many / 2
    await apart.group(names.slice(0, half), 100)
    const others = await apart.group(names.slice(half), 100)
    const online = async (): Promise<number> =>
      (await apart.client.call(controllerRoutes.list, {})).items.filter(
        ({ state }) => state === 'online',
      ).length
    for (let tries = 0; (await online()) < many; tries++) {
      if (tries > 60) throw new Error(`${await online()} of ${many} controllers are there`)
      await sleep(500)
    }
    const { pid } = apart.server
    const cpu = cpuMs(pid)
    await sleep(WATCH_S * 1000)
    const busy = (cpuMs(pid) - cpu) / (WATCH_S * 10)
    const begun = performance.now()
    await others.kill()
    while ((await online()) > half) await sleep(250)
    const noticed = (performance.now() - begun) / 1000
    return [
      [`${many} controllers: memory of the server, MB`, round(memoryMb(pid).now, 0), '≤ 400'],
      [`${many} controllers: % of a core`, round(busy, 1), '≤ 10'],
      [`${half} of them killed: seen after, s`, round(noticed, 1), '≤ 10'],
    ]
  } finally {
    await apart.close()
  }
}

export const benchBetweenMachines = async (rounds: number, quick: boolean): Promise<string> => {
  const binary = process.env['OM_NATS_SERVER'] || 'nats-server'
  const rows: Row[] = []
  // Said at once: the whole takes minutes.
  const add = (...more: readonly Row[]): void => {
    for (const row of more) console.error(row.join(' | '))
    rows.push(...more)
  }
  const apart = await startApart(binary, ['c1', 'c2', 'c3', 'c4'], 10_000)
  try {
    add(await twoAgainstOne(apart, ['c3', 'c4']))
    const c1 = await apart.group(['c1'], 2_000)
    const c2 = await apart.group(['c2'], 2_000)
    add(await againstEmbedded(apart, rounds, 10_000))
    add(await ingest(apart, rounds, 400))
    await c2.kill()
    const samples = quick ? 20 : 200
    add(
      abortRow('abort seen by a controller, idle', await aborts(apart, c1, samples), 'p99 ≤ 20 ms'),
    )
    const calm = saturate(apart, 400)
    await sleep(2_000)
    add(
      abortRow(
        'the same under saturating output',
        await aborts(apart, c1, samples),
        'p99 ≤ 150 ms',
      ),
    )
    await calm()
  } finally {
    await apart.close()
  }
  add(...(await crowd(binary, quick ? 40 : 200)))
  const sync = binary === 'nats-server' ? '' : ', sync_interval: always'
  return table([`${versionOf(binary)}${sync}, mutual TLS, sealed`, '', 'target'], rows)
}
