// What identities may not do, tried against a real nats-server: in their own IDC, and in another.

import { setImmediate } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsAccounts, startNatsAccounts } from '../../../../e2e/support/nats-accounts.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { claimOf, note, slice } from '../conformance/case-kit.ts'
import type { CallerKind, Engine } from '../ports.ts'
import { checkedTls } from './checked-tls.ts'
import { connectNatsEngine } from './nats-engine.ts'
import type { NatsTls } from './nats-options.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]

const API = '$JS.API'

/** Whatever stands in an IDC, as subjects to publish to. */
const ofIdc = (idc: string) => ({
  work: `om.idc.${idc}.work.forged`,
  intent: `om.idc.${idc}.intent.run_3a1`,
  book: `om.idc.${idc}.book.1_2e0`,
  begun: `om.idc.${idc}.begun.run`,
  log: `om.idc.${idc}.log.epoch.slice.history.writer`,
  lease: `om.idc.${idc}.lease.slice`,
  presence: `om.idc.${idc}.presence.controller_3anobody`,
  signal: `om.idc.${idc}.bus.abort`,
  call: `om.idc.${idc}.call.c2.restart.server.web.line.1`,
})

const administration = (idc: string, kind: string): readonly string[] => {
  const stream = `om_${kind}_${idc}`
  return [
    `${API}.STREAM.CREATE.${stream}`,
    `${API}.STREAM.UPDATE.${stream}`,
    `${API}.STREAM.DELETE.${stream}`,
    `${API}.STREAM.PURGE.${stream}`,
    `${API}.STREAM.SNAPSHOT.${stream}`,
    `${API}.CONSUMER.CREATE.${stream}`,
    `${API}.CONSUMER.CREATE.${stream}.evil.om.idc.${idc}.${kind}.>`,
    `${API}.CONSUMER.DURABLE.CREATE.${stream}.evil`,
    `${API}.CONSUMER.DELETE.${stream}.controllers`,
  ]
}
const kinds = ['direct', 'done', 'log', 'work', 'lease', 'intent', 'presence'] as const

const everywhere = [
  `${API}.STREAM.NAMES`,
  `${API}.STREAM.LIST`,
  `${API}.STREAM.CREATE.mine`,
  `${API}.STREAM.DELETE.om_blobs`,
  // By number: whoever does not know a hash must not find a blob.
  `${API}.DIRECT.GET.om_blobs`,
  'om.blobs.0.0',
  'om.idcs.evil',
  '$SYS.REQ.SERVER.PING',
  '_INBOX_web.forged',
]

const notHeard = ['>', '*.>', '_INBOX.>', '_INBOX_web.>', '_INBOX_c2.>', '$SYS.>', '$JS.>']

describe.skipIf(missingTools(['nats-server']).length > 0)('permissions of nats-server', () => {
  describe.each(binaries)('%s', (binary) => {
    let nats: NatsAccounts
    let server: Engine

    beforeAll(async () => {
      nats = await startNatsAccounts(binary, [
        ['server', 'web'],
        ['controller', 'c1', 'sz'],
        ['controller', 'c2', 'sz'],
        ['controller', 'b1', 'bj'],
        ['client', 'alice', 'sz'],
      ])
      server = await connectNatsEngine({
        servers: nats.url,
        identity: 'web',
        tls: nats.tlsOf('web'),
        accounts: { reach: async (idc) => ({ tls: nats.tlsFor('web', idc) }) },
      })
      await server.ensure('sz')
      await server.ensure('bj')
    }, 300_000)
    afterAll(async () => {
      await server?.close()
      await nats?.stop()
    })

    const open = async (name: string, tls: NatsTls = nats.tlsOf(name)) => {
      const nc = await connect({
        servers: nats.url,
        tls: checkedTls([nats.url], tls),
        inboxPrefix: `_INBOX_${name}`,
      })
      onTestFinished(() => nc.close())
      return nc
    }

    const engineOf = async (name: string, role: CallerKind = 'controller'): Promise<Engine> => {
      const engine = await connectNatsEngine({
        servers: nats.url,
        identity: name,
        role,
        tls: nats.tlsOf(name),
      })
      onTestFinished(() => engine.close())
      return engine
    }

    /** What of it nats-server lets pass. */
    const allowedOf = async (
      nc: NatsConnection,
      subjects: readonly string[],
      act: (subject: string) => unknown,
    ): Promise<readonly string[]> => {
      const said: string[] = []
      void (async () => {
        for await (const status of nc.status()) {
          if (status.type === 'error') said.push(status.error.message)
        }
      })()
      const allowed: string[] = []
      for (const subject of subjects) {
        act(subject)
        // A refusal is sent before the answer to what came after.
        await nc.flush()
        await setImmediate()
        if (!said.splice(0).some((text) => text.includes(`"${subject}"`))) allowed.push(subject)
      }
      return allowed
    }
    const publishable = (nc: NatsConnection, subjects: readonly string[]) =>
      allowedOf(nc, subjects, (subject) => nc.publish(subject, '{}'))
    const audible = (nc: NatsConnection, subjects: readonly string[]) =>
      allowedOf(nc, subjects, (subject) => nc.subscribe(subject, { callback: () => undefined }))

    test('a controller forges neither intents nor books nor signals, and administers nothing', async () => {
      const nc = await open('c1')
      const own = ofIdc('sz')
      const forbidden = [
        own.intent,
        own.book,
        own.presence,
        own.signal,
        own.call,
        ...kinds.flatMap((kind) => administration('sz', kind)),
        `${API}.STREAM.MSG.DELETE.om_log_sz`,
        `${API}.STREAM.MSG.DELETE.om_intent_sz`,
        ...everywhere,
      ]
      expect(await publishable(nc, forbidden)).toEqual([])
      // The way of asking tells: what it may do passes.
      const allowed = [own.log, own.work, own.begun]
      expect(await publishable(nc, allowed)).toEqual(allowed)
      // What it puts there is opened by nobody, unless a client has signed it.
      await server.queue.withdraw('sz', ['forged'])
    })

    test('a controller hears neither work nor the log nor what others are told', async () => {
      const nc = await open('c1')
      const others = [
        'om.idc.sz.work.*',
        'om.idc.sz.log.>',
        'om.idc.sz.call.c2.>',
        'om.idc.sz.control.c2.>',
        'om.idc.sz.answer.>',
        'om.idc.sz.>',
      ]
      expect(await audible(nc, [...others, ...notHeard])).toEqual([])
      const own = [
        ...['om.idc.sz.call.c1.ping.*.*.*.*', 'om.idc.sz.call._.ping.*.*.*.*'],
        ...['om.idc.sz.control.c1.*.*.*.*', 'om.idc.sz.control._.*.*.*.*'],
        ...['om.idc.sz.intent.*', '_INBOX_c1.>'],
      ]
      expect(await audible(nc, own)).toEqual(own)
    })

    test('a controller of one IDC reaches nothing of another', async () => {
      const nc = await open('b1')
      const forbidden = [
        ...Object.values(ofIdc('sz')),
        ...kinds.flatMap((kind) => [
          ...administration('sz', kind),
          `${API}.STREAM.INFO.om_${kind}_sz`,
          `${API}.STREAM.MSG.GET.om_${kind}_sz`,
          `${API}.STREAM.MSG.DELETE.om_${kind}_sz`,
          `${API}.DIRECT.GET.om_${kind}_sz`,
        ]),
        `${API}.CONSUMER.INFO.om_work_sz.controllers`,
        `${API}.CONSUMER.MSG.NEXT.om_work_sz.controllers`,
        '$JS.ACK.om_work_sz.controllers.1.1.1.1.1',
        ...everywhere,
      ]
      expect(await publishable(nc, forbidden)).toEqual([])
      const parts = ['work', 'intent', 'log', 'bus', 'presence', 'lease']
      const ofCalls = ['call', 'control', 'answer']
      const foreign = [...parts, ...ofCalls].map((kind) => `om.idc.sz.${kind}.>`)
      expect(await audible(nc, [...foreign, 'om.idc.sz.>', ...notHeard])).toEqual([])
    })

    test('even without any permission in the way, accounts keep IDCs apart', async () => {
      const inBj = await open('web', nats.tlsFor('web', 'bj'))
      const heard: string[] = []
      inBj.subscribe('om.>', {
        callback(_, { subject }) {
          heard.push(subject)
        },
      })
      await inBj.flush()
      await server.queue.offer('sz', [slice('secret')])
      await server.intent.put('sz', 'run:1', { want: 'stop' })
      const c1 = await engineOf('c1')
      await c1.log.append('sz', [note('secret', 1)])
      const { last } = await server.log.info('sz')

      const jsm = await jetstreamManager(inBj)
      const names = (await jsm.streams.list().next()).map(({ config }) => config.name)
      expect(names.toSorted()).toEqual(kinds.map((kind) => `om_${kind}_bj`).toSorted())
      for (const subject of Object.values(ofIdc('sz'))) inBj.publish(subject, '{}')
      await inBj.flush()

      // After what is heard in bj nothing of sz can still be on its way.
      await server.intent.put('bj', 'mark', 1)
      await expect.poll(() => heard, { timeout: 15_000 }).toContain('om.idc.bj.intent.mark')
      expect(heard.filter((subject) => subject.startsWith('om.idc.sz.'))).toEqual(
        Object.values(ofIdc('sz')),
      )
      expect(await server.log.info('sz')).toMatchObject({ last })
      expect(await server.queue.depth('sz')).toEqual({ waiting: 1, leased: 0 })
      expect(await server.intent.all('sz')).toEqual(new Map([['run:1', { want: 'stop' }]]))
      await server.queue.withdraw('sz', ['secret'])
    })

    test('a controller says only of itself that it is there', async () => {
      const c1 = await engineOf('c1')
      await c1.presence.put('sz', 'controller:c1', { free: 3 })
      await expect(c1.presence.put('sz', 'controller:c2', { free: 0 })).rejects.toThrow(
        /[Pp]ermission/,
      )
      expect([...(await server.presence.all('sz')).keys()]).toEqual(['controller:c1'])
    })

    test('nobody calls, cancels or answers in the name of another', async () => {
      const [c1, alice] = await Promise.all([engineOf('c1'), engineOf('alice', 'client')])
      const service = { self: 'c1', callers: ['server', 'controller', 'client'] } as const
      await c1.bus.serve('sz', 'who', service, async (_, { caller }) => ({ ...caller }))
      const ofAlice = { kind: 'client', idc: 'sz', name: 'alice', protocol: 1 }
      expect(await alice.bus.call('sz', 'who', null, { to: 'c1' })).toEqual(ofAlice)
      expect(await alice.bus.call('sz', 'who', null)).toEqual(ofAlice)
      const ofWeb = { kind: 'server', idc: 'sz', name: 'web', protocol: 1 }
      expect(await server.bus.call('sz', 'who', null)).toEqual(ofWeb)

      const asClient = await open('alice')
      const others = ['server.web', 'client.bob', 'controller.c1'].flatMap((who) => [
        `om.idc.sz.call.c1.who.${who}.line.1`,
        `om.idc.sz.control.c1.${who}.line.1`,
        `om.idc.sz.control._.${who}.line.1`,
      ])
      const answers = [
        'om.idc.sz.answer.c1.server.web.line.1',
        'om.idc.sz.answer._.client.alice.l.1',
      ]
      expect(await publishable(asClient, [...others, ...answers])).toEqual([])
      expect(await audible(asClient, ['om.idc.sz.answer.*.server.web.*.*'])).toEqual([])

      const asC2 = await open('c2')
      expect(await publishable(asC2, [...others, ...answers])).toEqual([])
      const own = 'om.idc.sz.answer.c2.client.alice.line.1'
      expect(await publishable(asC2, [own])).toEqual([own])
    })

    test('a controller answers who called it, and not wherever a message wants the answer', async () => {
      const c1 = await open('c1')
      const alice = await open('alice')
      const asked = Promise.withResolvers<string | undefined>()
      c1.subscribe('om.idc.sz.call.c1.raw.*.*.*.*', {
        callback: (_, message) => asked.resolve(message.reply),
      })
      await c1.flush()
      const reply = 'om.idc.sz.intent.run_3aforged'
      alice.publish('om.idc.sz.call.c1.raw.client.alice.line.1', '{}', { reply })
      expect(await asked.promise).toBe(reply)
      expect(await publishable(c1, [reply])).toEqual([])
    })

    test('who may not call at all is told so at once', async () => {
      const [c1, c2] = await Promise.all([engineOf('c1'), engineOf('c2')])
      const service = { self: 'c1', callers: ['controller'] } as const
      await c1.bus.serve('sz', 'ping', service, async () => null)
      await expect(
        c2.bus.call('sz', 'ping', null, { to: 'c1', timeoutMs: 60_000 }),
      ).rejects.toMatchObject({
        code: 'NOT_ALLOWED',
        details: { method: 'ping', kind: 'controller', name: 'c2' },
      })
    })

    test('a client calls controllers and reads, and changes nothing', async () => {
      const [c1, alice] = await Promise.all([engineOf('c1'), engineOf('alice', 'client')])
      const service = { self: 'c1', callers: ['client'] } as const
      await c1.bus.serve('sz', 'ping', service, async (argument) => ['c1', argument])
      expect(await alice.bus.call('sz', 'ping', 7, { to: 'c1' })).toEqual(['c1', 7])
      const seen: (number | undefined)[] = []
      await alice.intent.watch('sz', (key, value) => {
        if (key === 'run:2') seen.push(value === undefined ? undefined : Number(value))
      })
      await server.intent.put('sz', 'run:2', 5)
      await expect.poll(() => seen, { timeout: 15_000 }).toEqual([5])
      const claimed = await c1.log.claim('sz', claimOf('read', 'c1'), 0)
      expect(claimed.ok).toBe(true)
      expect(await alice.log.history('sz', 'read')).toMatchObject([{ event: { by: 'c1' } }])

      const nc = await open('alice')
      const { work, intent, book, begun, log, lease, presence, signal } = ofIdc('sz')
      const forbidden = [
        ...[work, intent, book, begun, log, lease, presence, signal],
        ...kinds.flatMap((kind) => [
          ...administration('sz', kind),
          `${API}.STREAM.MSG.DELETE.om_${kind}_sz`,
        ]),
        `${API}.STREAM.MSG.GET.om_work_sz`,
        `${API}.STREAM.MSG.GET.om_direct_sz`,
        `${API}.CONSUMER.MSG.NEXT.om_work_sz.controllers`,
        '$JS.ACK.om_work_sz.controllers.1.1.1.1.1',
        ...everywhere,
      ]
      expect(await publishable(nc, forbidden)).toEqual([])
      const others = ['om.idc.sz.work.*', 'om.idc.sz.call.>', 'om.idc.sz.>']
      expect(await audible(nc, [...others, ...notHeard])).toEqual([])
    })
  })
})
