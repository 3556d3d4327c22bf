// A controller in another language, written from docs/protocol.md: it carries out a sealed slice, and answers calls.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Json, Problem, Secret, type Slice, type SliceEvent } from '@omserver/core'
import { connectNatsEngine, type Engine, serverSealing } from '@omserver/engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingTools } from '../scripts/needs.ts'
import { type NatsAccounts, startNatsAccounts } from './support/nats-accounts.ts'

const example = new URL('../docs/examples/controller.py', import.meta.url).pathname
const packages = ['nats-py==2.16.0', 'cryptography==50.0.2', 'pyhpke==0.6.5']
const execute = promisify(execFile)

const sliceOf = (command: Slice['action']): Slice => ({
  ...{ sliceId: 'slice of ü', runId: 'r1', idc: 'sz', driver: 'local', batch: 0, attempt: 1 },
  ...{ check: false, concurrency: 1, hostTimeoutMs: 60_000, connectTimeoutMs: 10_000, mask: [] },
  caps: { perHost: 1024 * 1024 },
  action: command,
  hosts: ['web-1', "it's"].map((name) => ({
    hostId: name,
    name,
    access: { address: '127.0.0.1', port: 22 },
    jumps: [],
    vars: { 'host.name': name },
  })),
})

describe.skipIf(missingTools(['nats-server', 'python3-venv']).length > 0)(
  'a controller in Python',
  () => {
    let nats: NatsAccounts
    let server: Engine
    let home: string
    let python: ChildProcess
    let said = ''

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'om-python-'))
      await execute('python3', ['-m', 'venv', home])
      await execute(join(home, 'bin/pip'), ['install', '--quiet', ...packages])
      nats = await startNatsAccounts('nats-server', [
        ['server', 'web'],
        ['controller', 'c1', 'sz'],
      ])
      const identity = await readFile(join(nats.dir, 'c1', 'identity.json'), 'utf8')
      const { sealKey } = JSON.parse(identity) as { readonly sealKey: string }
      server = await connectNatsEngine({
        servers: nats.url,
        identity: 'web',
        tls: nats.tlsOf('web'),
        accounts: { reach: async (idc) => ({ tls: nats.tlsFor('web', idc) }) },
        sealing: await serverSealing({
          masterKey: Buffer.alloc(32, 7),
          recipients: async () => [sealKey],
          secrets: {
            open: async (ref) => new Secret(ref),
            credential: async (id) => ({ id, version: 1, user: 'ops', kind: 'agent' }),
          },
        }),
      })
      await server.ensure('sz')
      python = spawn(join(home, 'bin/python'), [example, join(nats.dir, 'c1')])
      python.stderr?.on('data', (data: Buffer) => {
        said += data
      })
    }, 300_000)

    afterAll(async () => {
      python?.kill('SIGKILL')
      await server?.close()
      await nats?.stop()
      await rm(home, { recursive: true, force: true })
    })

    test('says that it is there', async () => {
      const present = async () => [...(await server.presence.all('sz')).keys(), said]
      await expect.poll(present, { timeout: 30_000 }).toEqual(['controller:c1', ''])
    })

    test('carries out a sealed slice on every host', async () => {
      const events: SliceEvent[] = []
      const { last } = await server.log.info('sz')
      await server.log.read('sz', last, async (entries) => {
        events.push(...entries.map(({ event }) => event))
      })
      const command = ['echo "on "', { var: 'host.name' }, '; exit 3']
      await server.queue.offer('sz', [sliceOf({ kind: 'shell', command })])
      await expect
        .poll(() => events.map(({ kind, n }) => `${n} ${kind}`), { timeout: 30_000 })
        .toEqual([
          '0 slice.claimed',
          ...['1 host.started', '2 host.output', '3 host.ended'],
          ...['4 host.started', '5 host.output', '6 host.ended'],
        ])
      const [claim] = events
      expect(new Set(events.map(({ fence }) => fence))).toEqual(new Set([claim?.fence]))
      const output = events.flatMap((event) =>
        event.kind === 'host.output' ? [Buffer.from(event.bytes).toString()] : [],
      )
      expect(output).toEqual(['on web-1\n', "on it's\n"])
      const ends = events.flatMap((event) => (event.kind === 'host.ended' ? [event.end] : []))
      expect(ends).toEqual(Array(2).fill({ state: 'failed', reason: 'exit', exit: 3 }))
      await expect
        .poll(() => server.queue.depth('sz'), { timeout: 15_000 })
        .toEqual({ waiting: 0, leased: 0 })
    })

    test('answers calls, in items and at the pace of the caller', async () => {
      const { bus } = server
      expect(await bus.call('sz', 'ping', null)).toBe(null)
      const hello = { name: 'c1', protocol: 1, methods: ['count', 'ping'] }
      expect(await bus.call('sz', 'hello', null, { to: 'c1' })).toEqual(hello)
      const items: Json[] = []
      const onItem = async (item: Json): Promise<void> => {
        if (items.length % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
        items.push(item)
      }
      expect(await bus.call('sz', 'count', 100, { onItem })).toBe('done')
      expect(items).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
      const codeOf = (call: Promise<Json>): Promise<unknown> =>
        call.then(
          () => 'answered',
          (error: unknown) => (error instanceof Problem ? error.code : error),
        )
      expect(await codeOf(bus.call('sz', 'count', 1))).toBe('ITEMS_UNWANTED')
      expect(await codeOf(bus.call('sz', 'new', null, { to: 'c1' }))).toBe('METHOD_UNKNOWN')
      const never = (): Promise<void> => new Promise(() => undefined)
      const late = bus.call('sz', 'count', 1_000, { onItem: never, timeoutMs: 200 })
      expect(await codeOf(late)).toBe('BUS_TIMEOUT')
      expect(said).toBe('')
    })
  },
)
