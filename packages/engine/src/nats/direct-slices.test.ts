// Slices of runs that clients began, between machines: who can read what is said of them, and that nobody is held up.

import { randomBytes } from 'node:crypto'
import { Secret, type Slice, type SliceEvent } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { claimOf, note, slice } from '../conformance/case-kit.ts'
import { sliceKeyOf } from '../direct/run-key.ts'
import { clientSealing } from '../sealing/client-sealing.ts'
import { controllerSealing } from '../sealing/controller-sealing.ts'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { serverSealing } from '../sealing/server-sealing.ts'
import { connectClientEngine, connectNatsEngine } from './nats-engine.ts'
import { withoutServer } from './testing/open-engine.ts'

const IDC = 'sz'
const RUN = '0199a1b2-0000-7000-8000-000000000001'
const SLICE = `${RUN}:0`
const keys = makeSealKeys()

describe.skipIf(withoutServer)('a slice of a run that a client began', () => {
  let nats: NatsServer
  let prefixes = 0

  beforeAll(async () => {
    nats = await startNatsServer()
  }, 60_000)
  afterAll(() => nats?.stop())

  const setUp = async (isKnown = true) => {
    const prefix = `direct${++prefixes}`
    const runKey = new Uint8Array(randomBytes(32))
    const whole: Slice = slice(SLICE)
    const server = await connectNatsEngine({
      servers: nats.url,
      prefix,
      identity: 'server',
      sealing: serverSealing({
        masterKey: Buffer.alloc(32, 7),
        recipients: async () => [keys.publicKey],
        secrets: {
          open: async (ref) => new Secret(ref),
          credential: async (id) => ({ id, version: 1, user: 'ops', kind: 'agent' }),
        },
        runKeyOf: async () => (isKnown ? runKey : undefined),
      }),
    })
    await server.ensure(IDC)
    const asController = { servers: nats.url, prefix, role: 'controller' as const }
    const opened: string[] = []
    const controller = await connectNatsEngine({
      ...asController,
      identity: 'c1',
      sealing: controllerSealing(keys.privateKey, undefined, async (_, sliceId) => {
        opened.push(sliceId)
        const secrets = { values: {}, logins: {} }
        return { slice: whole, key: sliceKeyOf(runKey, sliceId), secrets }
      }),
    })
    const client = await connectClientEngine({
      servers: nats.url,
      prefix,
      identity: 'wei',
      sealing: clientSealing(new Map([[RUN, runKey]])),
    })
    onTestFinished(async () => {
      await Promise.all([server.close(), controller.close(), client.close()])
    })
    return { server, controller, client, opened }
  }

  /** Takes it as a controller does, and says something of it. */
  const carryOut = async ({ controller }: Awaited<ReturnType<typeof setUp>>): Promise<void> => {
    const over = Promise.withResolvers<void>()
    const stop = await controller.queue.consume(IDC, { slots: () => 10 }, async (delivery) => {
      await controller.log.claim(IDC, claimOf(delivery.slice.sliceId, 'c1'), 0)
      await controller.log.append(IDC, [note(SLICE, 1), note(SLICE, 2)])
      await delivery.done()
      over.resolve()
    })
    await controller.queue.offer(IDC, [slice(SLICE)])
    await over.promise
    await stop()
  }

  test('is offered by a controller, and what is said of it is read by its client and the server', async () => {
    const parts = await setUp()
    const { server, client, opened } = parts
    const [epoch, heard, seen] = [
      await client.log.epoch(IDC),
      [] as SliceEvent[],
      [] as SliceEvent[],
    ]
    const following = await client.log.followSlice(
      { idc: IDC, epoch, sliceId: SLICE },
      (entries) => void seen.push(...entries.map(({ event }) => event)),
      () => undefined,
    )
    onTestFinished(() => following.stop())
    await server.log.read(IDC, 0, async (entries) => {
      heard.push(...entries.map(({ event }) => event))
    })
    await carryOut(parts)
    const kinds = ['slice.claimed', 'slice.note', 'slice.note']
    await expect.poll(() => heard.map(({ kind }) => kind), { timeout: 15_000 }).toEqual(kinds)
    await expect.poll(() => seen.map(({ kind }) => kind), { timeout: 15_000 }).toEqual(kinds)
    expect(opened).toEqual([SLICE])
    // As after a restart: the mark is the server's as well.
    await server.queue.offer(IDC, [slice(SLICE)])
    expect(await server.queue.withdraw(IDC, [SLICE])).toEqual([SLICE])
  })

  test('that nobody can open at the server keeps it from nothing else', async () => {
    const parts = await setUp(false)
    const { server, controller } = parts
    await carryOut(parts)
    // The last that lies there says nothing to it: it must know all the same how far it can read.
    const { first, last } = await server.log.info(IDC)
    expect(last).toBe(first - 1)
    const heard: SliceEvent[] = []
    await server.log.read(IDC, 0, async (entries) => {
      heard.push(...entries.map(({ event }) => event))
    })
    await server.log.claim(IDC, claimOf('ordinary', 'c2'), 0)
    await expect
      .poll(() => heard.map(({ sliceId }) => sliceId), { timeout: 15_000 })
      .toContain('ordinary')
    expect(heard.some(({ sliceId }) => sliceId === SLICE)).toBe(false)
    expect(await controller.log.history(IDC, 'unknown')).toEqual([])
  })

  test('is offered by a controller, and no slice of any other kind', async () => {
    const { controller } = await setUp()
    await expect(controller.queue.offer(IDC, [slice('mine')])).rejects.toThrow()
  })

  test('a client is told when the log has become another one', async () => {
    const { client } = await setUp()
    let lost = false
    const following = await client.log.followSlice(
      { idc: IDC, epoch: 'another', sliceId: SLICE },
      () => undefined,
      () => {
        lost = true
      },
    )
    await expect.poll(() => lost, { timeout: 15_000 }).toBe(true)
    await following.stop()
  })
})
