// The suite of every engine adapter over mutual TLS and accounts: the server's part with the server's certificate, the
// controllers' part with theirs. Slices, intents and signals are signed.

import assert from 'node:assert/strict'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Problem, Secret } from '@omserver/core'
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest'
import { type NatsAccounts, startNatsAccounts } from '../../../../e2e/support/nats-accounts.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { engineConformance } from '../conformance.ts'
import type { Engine, Idc } from '../ports.ts'
import { controllerSealing } from '../sealing/controller-sealing.ts'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { serverSealing } from '../sealing/server-sealing.ts'
import type { Signing } from '../signing/signing.ts'
import { signingOf } from '../signing/signing-on-demand.ts'
import { checkedTls } from './checked-tls.ts'
import type { Lease } from './leases.ts'
import { connectNatsEngine } from './nats-engine.ts'
import type { NatsTls } from './nats-options.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]

/** Who is `sz`'s c1 in `bj`: a name is given once. */
const controllersOf: Readonly<Record<Idc, readonly string[]>> = { sz: ['c1', 'c2'], bj: ['b1'] }

const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const { publicKey, privateKey } = makeSealKeys()

const sealingOf = (signing: Signing | undefined) =>
  serverSealing({
    masterKey: Buffer.alloc(32, 7),
    recipients: async () => [publicKey],
    secrets: {
      open: async (ref) => new Secret(ref),
      credential: async (id) => ({ id, version: 1, user: 'ops', kind: 'agent' }),
    },
    signing,
  })

/** Any controller may be asked about slices that none was offered: so all of them have the keys of the server. */
const controllerProof = async (tls: NatsTls) => {
  const signing = await signingOf({ tls }, clock)
  assert(signing)
  const { openSlice, forget } = controllerSealing(privateKey, { verifier: signing, now: clock.now })
  return { signing, sealing: { ...sealingOf(undefined), openSlice, forget } }
}

describe.skipIf(missingTools(['nats-server']).length > 0)('nats engine with accounts', () => {
  describe.each(binaries)('%s', (binary) => {
    let nats: NatsAccounts

    beforeAll(async () => {
      nats = await startNatsAccounts(binary, [
        ['server', 'web'],
        ['controller', 'c1', 'sz'],
        ['controller', 'c2', 'sz'],
        ['controller', 'b1', 'bj'],
      ])
    }, 300_000)
    afterAll(() => nats?.stop())

    const serverEngine = async (): Promise<Engine> => {
      const own = {
        tls: nats.tlsOf('web'),
        accounts: { reach: async (idc: Idc) => ({ tls: nats.tlsFor('web', idc) }) },
      }
      const signing = await signingOf(own, clock)
      return connectNatsEngine({
        ...own,
        servers: nats.url,
        identity: 'web',
        leaseMs: 700,
        signing,
        sealing: sealingOf(signing),
        presenceTtlMs: 150,
      })
    }

    const wipe = async (): Promise<void> => {
      const accounts = [nats.tlsOf('web'), nats.tlsFor('web', 'sz'), nats.tlsFor('web', 'bj')]
      for (const tls of accounts) {
        const nc = await connect({ servers: nats.url, tls: checkedTls([nats.url], tls) })
        const jsm = await jetstreamManager(nc)
        for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name)
        await nc.close()
      }
    }

    /** One engine out of a server's and of controllers', each with its own identity: who does what in an IDC. */
    const openAll = async (leases: Lease[]): Promise<Engine> => {
      const server = await serverEngine()
      const opened = new Map<string, Promise<Engine>>()
      let closed = false

      const controller = (idc: Idc, self?: string): Promise<Engine> => {
        const names = controllersOf[idc] ?? []
        const name = names.find((known) => known === self) ?? names[0] ?? ''
        const known = opened.get(name)
        if (known) return known
        if (closed) return Promise.reject(new Problem('ENGINE_CLOSED'))
        const engine = server.ensure(idc).then(async () =>
          connectNatsEngine({
            ...(await controllerProof(nats.tlsOf(name))),
            servers: nats.url,
            identity: name,
            role: 'controller',
            tls: nats.tlsOf(name),
            presenceTtlMs: 150,
            onLease: (lease) => leases.push(lease),
          }),
        )
        opened.set(name, engine)
        return engine
      }
      return {
        kind: 'nats',
        queue: {
          ...server.queue,
          consume: async (idc, setting, on) =>
            (await controller(idc)).queue.consume(idc, setting, on),
        },
        log: {
          ...server.log,
          append: async (idc, events) => (await controller(idc)).log.append(idc, events),
          claim: async (idc, claim, previous) =>
            (await controller(idc)).log.claim(idc, claim, previous),
          history: async (idc, sliceId) => (await controller(idc)).log.history(idc, sliceId),
        },
        intent: {
          ...server.intent,
          all: async (idc) => (await controller(idc)).intent.all(idc),
          watch: async (idc, on) => (await controller(idc)).intent.watch(idc, on),
        },
        presence: server.presence,
        books: {
          ...server.books,
          get: async (idc, key) => (await controller(idc)).books.get(idc, key),
        },
        begun: {
          ...server.begun,
          get: async (idc, key) => (await controller(idc)).begun.get(idc, key),
          putOnce: async (idc, key, value) =>
            (await controller(idc)).begun.putOnce(idc, key, value),
        },
        bus: {
          ...server.bus,
          on: async (idc, topic, listener) => (await controller(idc)).bus.on(idc, topic, listener),
          serve: async (idc, method, service, handler) =>
            (await controller(idc, service.self)).bus.serve(idc, method, service, handler),
        },
        blobs: { ...server.blobs, get: async (hash) => (await controller('sz')).blobs.get(hash) },
        ensure: server.ensure,
        watchIdcs: server.watchIdcs,
        health: server.health,
        async close() {
          closed = true
          const engines = await Promise.all(opened.values())
          await Promise.all(engines.map((engine) => engine.close()))
          await server.close()
        },
      }
    }

    test.each(engineConformance)('$name', { timeout: 60_000 }, async ({ run }) => {
      await wipe()
      const leases: Lease[] = []
      const open = async () => {
        const engine = await openAll(leases)
        onTestFinished(() => engine.close())
        return engine
      }
      const engine = await open()
      await run({
        engine,
        async expireLease(idc, sliceId) {
          leases.findLast((lease) => lease.idc === idc && lease.sliceId === sliceId)?.expire()
        },
        async loseStore() {
          await engine.close()
          await wipe()
          return open()
        },
      })
    })
  })
})
