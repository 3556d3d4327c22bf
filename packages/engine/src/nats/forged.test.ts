// That nobody takes for the server's word what others have stored where only the server writes, however it came there:
// against a real nats-server, with the certificates and permissions that `om` writes.

import assert from 'node:assert/strict'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node'
import { type Json, Secret } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsAccounts, startNatsAccounts } from '../../../../e2e/support/nats-accounts.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { slice } from '../conformance/case-kit.ts'
import type { Engine, Idc, Refused } from '../ports.ts'
import { controllerSealing } from '../sealing/controller-sealing.ts'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { serverSealing } from '../sealing/server-sealing.ts'
import type { Signing } from '../signing/signing.ts'
import { signingOf } from '../signing/signing-on-demand.ts'
import { checkedTls } from './checked-tls.ts'
import { connectNatsEngine } from './nats-engine.ts'
import { encodeJson } from './payload.ts'
import { encodeSigned } from './signed-payload.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const patiently = { timeout: 30_000 }

const victim = makeSealKeys()
const sealedBy = (masterKey: number, signing?: Signing) =>
  serverSealing({
    masterKey: Buffer.alloc(32, masterKey),
    recipients: async () => [victim.publicKey],
    secrets: {
      open: async (ref) => new Secret(ref),
      credential: async (id) => ({ id, version: 1, user: 'ops', kind: 'agent' }),
    },
    signing,
  })

describe.skipIf(missingTools(['nats-server']).length > 0)('what others have stored', () => {
  describe.each(binaries)('%s', (binary) => {
    let nats: NatsAccounts
    let server: Engine
    let signing: Signing

    const signingFor = async (name: string): Promise<Signing> => {
      const found = await signingOf({ tls: nats.tlsOf(name) }, clock)
      assert(found)
      return found
    }

    beforeAll(async () => {
      nats = await startNatsAccounts(binary, [
        ['server', 'web'],
        ['controller', 'c1', 'sz'],
        ['controller', 'c2', 'sz'],
        ['client', 'alice', 'sz'],
      ])
      const own = {
        tls: nats.tlsOf('web'),
        accounts: { reach: async (idc: Idc) => ({ tls: nats.tlsFor('web', idc) }) },
      }
      const found = await signingOf(own, clock)
      assert(found)
      signing = found
      const sealing = sealedBy(7, signing)
      server = await connectNatsEngine({
        ...own,
        servers: nats.url,
        identity: 'web',
        signing,
        sealing,
      })
      await server.ensure('sz')
    }, 300_000)
    afterAll(async () => {
      await server?.close()
      await nats?.stop()
    })

    /** c2, as it is, or as it would be if it asked for no signatures. */
    const openVictim = async (asks: 'signed' | 'anything') => {
      const refused: Refused[] = []
      const verifier = await signingFor('c2')
      const proof = asks === 'signed' ? { verifier, now: clock.now } : undefined
      const engine = await connectNatsEngine({
        servers: nats.url,
        identity: 'c2',
        role: 'controller',
        tls: nats.tlsOf('c2'),
        sealing: controllerSealing(victim.privateKey, proof),
        signing: proof && verifier,
        onRefused: (one) => refused.push(one),
      })
      onTestFinished(() => engine.close())
      return { engine, refused }
    }

    const raw = async (name: string, tls = nats.tlsOf(name)): Promise<NatsConnection> => {
      const nc = await connect({
        servers: nats.url,
        tls: checkedTls([nats.url], tls),
        inboxPrefix: `_INBOX_${name}`,
      })
      onTestFinished(() => nc.close())
      return nc
    }

    /** As if permissions had a hole: calls once were one. */
    const smuggler = async () => {
      const nc = await raw('web', nats.tlsFor('web', 'sz'))
      return async (subject: string, data: Uint8Array, marks?: MsgHdrs): Promise<void> => {
        nc.publish(subject, data, { headers: marks })
        await nc.flush()
      }
    }

    const stored = async (stream: string, subject: string): Promise<Uint8Array> => {
      const jsm = await jetstreamManager(await raw('web', nats.tlsFor('web', 'sz')))
      const found = await jsm.streams.getMessage(stream, { last_by_subj: subject })
      assert(found)
      return found.data
    }

    /** Whoever has just looked at one holds its lease. */
    const inQueue = async (): Promise<number> => {
      const { waiting, leased } = await server.queue.depth('sz')
      return waiting + leased
    }

    const taken = async (engine: Engine) => {
      const ids: string[] = []
      await engine.queue.consume('sz', { slots: () => 10 }, async ({ slice: found, done }) => {
        ids.push(found.sliceId)
        await done()
      })
      return ids
    }

    test('a slice of their own is run by nobody, and by one who asks nothing it would be', async () => {
      const store = await smuggler()
      const forged = {
        unsigned: await sealedBy(9).sealSlice(slice('unsigned')),
        // Their certificates are of the same CA, and not a server's.
        own: await sealedBy(9, await signingFor('c1')).sealSlice(slice('own')),
        client: await sealedBy(9, await signingFor('alice')).sealSlice(slice('client')),
        // The server's word, and where it does not belong.
        moved: await sealedBy(7, signing).sealSlice(slice('other')),
      }
      for (const [id, data] of Object.entries(forged)) await store(`om.idc.sz.work.${id}`, data)
      await expect.poll(inQueue, patiently).toBe(4)
      const { engine, refused } = await openVictim('signed')
      const ids = await taken(engine)
      await server.queue.offer('sz', [slice('real')])
      await expect.poll(() => ids, patiently).toEqual(['real'])
      await expect.poll(() => refused.length, patiently).toBe(3)
      expect(new Map(refused.map(({ what, key, why }) => [`${what} ${key}`, why]))).toEqual(
        new Map([
          ['slice unsigned', 'it is not signed'],
          ['slice own', 'controller c1 of sz may not sign a slice of sz'],
          ['slice client', 'client alice of sz may not sign a slice of sz'],
        ]),
      )
      // It stays for whoever looks after it.
      await expect.poll(inQueue, patiently).toBe(4)
      await engine.close()

      const trusting = await openVictim('anything')
      const run = await taken(trusting.engine)
      await expect.poll(() => run.toSorted(), patiently).toEqual(['client', 'own', 'unsigned'])
      await trusting.engine.close()
      await server.queue.withdraw('sz', ['moved'])
    })

    test('an intent of their own is heard by nobody, and the one that was heard stays', async () => {
      const store = await smuggler()
      const { engine, refused } = await openVictim('signed')
      const trusting = await openVictim('anything')
      const heard: (readonly [string, Json | undefined])[] = []
      const gullible: (readonly [string, Json | undefined])[] = []
      await engine.intent.watch('sz', (key, value) => heard.push([key, value]))
      await trusting.engine.intent.watch('sz', (key, value) => gullible.push([key, value]))
      await server.intent.put('sz', 'run:1', { want: 'stop' })
      await expect.poll(() => heard, patiently).toEqual([['run:1', { want: 'stop' }]])
      const subject = 'om.idc.sz.intent.run_3a1'
      const stop = await stored('om_intent_sz', subject)
      await server.intent.put('sz', 'run:1', { want: 'abort' })
      await expect.poll(() => heard.length, patiently).toBe(2)

      const abort = { want: 'abort', reason: 'byPerson' }
      const other = 'om.idc.sz.intent.run_3a2'
      const removal = headers()
      removal.set('Om-Removed', '1')
      const asIntent = { what: 'intent', idc: 'sz', key: 'run:2' }
      await store(other, encodeJson(abort))
      await store(other, await encodeSigned(await signingFor('c1'), asIntent, abort))
      // Said by the server of another run; said of this one, but before; not said to be over.
      await store(other, stop)
      await store(subject, stop)
      await store(subject, encodeJson(null), removal)
      await store(subject, await stored('om_intent_sz', subject), removal)
      await server.intent.put('sz', 'mark', 1)
      await expect.poll(() => heard.at(-1), patiently).toEqual(['mark', 1])
      expect(heard).toEqual([
        ['run:1', { want: 'stop' }],
        ['run:1', { want: 'abort' }],
        ['mark', 1],
      ])
      expect(new Set(refused.map(({ what, key }) => `${what} ${key}`))).toEqual(
        new Set(['intent run:1', 'intent run:2']),
      )
      await expect.poll(() => gullible.at(-1), patiently).toEqual(['mark', 1])
      expect(gullible).toContainEqual(['run:2', abort])
      expect(gullible).toContainEqual(['run:1', undefined])

      // The server's word goes on to count, although its clock may be behind.
      await server.intent.remove('sz', 'run:1')
      await expect.poll(() => heard.at(-1), patiently).toEqual(['run:1', undefined])
    })

    test('an answer that a controller has stored as an intent is none', async () => {
      const { engine, refused } = await openVictim('signed')
      const heard: string[] = []
      await engine.intent.watch('sz', (key) => heard.push(key))
      const c1 = await raw('c1')
      const reply = 'om.idc.sz.intent.run_3a9'
      c1.publish('$JS.API.STREAM.INFO.om_intent_sz', '', { reply })
      await c1.flush()
      const text = async () => Buffer.from(await stored('om_intent_sz', reply)).toString()
      await expect.poll(() => text().catch(String), patiently).toContain('stream_info_response')
      await server.intent.put('sz', 'mark', 2)
      await expect.poll(() => heard.at(-1), patiently).toBe('mark')
      expect(heard).not.toContain('run:9')
      // It says nothing that could be read, let alone proven.
      expect(refused.filter(({ key }) => key === 'run:9')).toEqual([])
      await server.intent.put('sz', 'run:9', { want: 'stop' })
      await expect.poll(() => heard.at(-1), patiently).toBe('run:9')
    })

    test('a signal of their own is heard by nobody', async () => {
      const store = await smuggler()
      const { engine, refused } = await openVictim('signed')
      const heard: Json[] = []
      await engine.bus.on('sz', 'run.abort', (data) => heard.push(data))
      await store('om.idc.sz.bus.run_2eabort', encodeJson({ runId: '1' }))
      await expect.poll(() => refused.length, patiently).toBe(1)
      server.bus.emit('sz', 'run.abort', { runId: '2' })
      await expect.poll(() => heard, patiently).toEqual([{ runId: '2' }])
    })
  })
})
