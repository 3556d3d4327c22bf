// What a controller hears of boards and histories without a consumer of its own.

import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { claimOf, collector, hostEvent } from '../conformance/case-kit.ts'
import type { Engine } from '../ports.ts'
import { connectNatsEngine } from './nats-engine.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]

describe.skipIf(missingTools(['nats-server']).length > 0)('reading step by step', () => {
  describe.each(binaries)('%s', { timeout: 60_000 }, (binary) => {
    let nats: NatsServer
    let prefixes = 0

    beforeAll(async () => {
      nats = await startNatsServer(binary)
    }, 60_000)
    afterAll(() => nats?.stop())

    const open = async () => {
      const prefix = `om${++prefixes}`
      const engine = async (role: 'server' | 'controller'): Promise<Engine> => {
        const options = { servers: nats.url, identity: role, role, prefix }
        const opened = await connectNatsEngine(options)
        onTestFinished(() => opened.close())
        return opened
      }
      const server = await engine('server')
      await server.ensure('sz')
      const nc = await connect({ servers: nats.url })
      onTestFinished(() => nc.close())
      return {
        prefix,
        server,
        controller: await engine('controller'),
        jsm: await jetstreamManager(nc),
      }
    }

    const watch = async (controller: Engine) => {
      const heard = collector<string>()
      const stop = await controller.intent.watch('sz', (key, value) => heard.add(`${key} ${value}`))
      return { heard, stop }
    }

    test('no consumer is made for a controller that watches and asks for a history', async () => {
      const { prefix, server, controller, jsm } = await open()
      await server.intent.put('sz', 'a', 1)
      const { heard } = await watch(controller)
      await server.intent.put('sz', 'b', 2)
      expect(await heard.count(2)).toEqual(['a 1', 'b 2'])
      await controller.log.claim('sz', claimOf('s', 'c1'), 0)
      await controller.log.append('sz', [hostEvent('s', 1, 'started'), hostEvent('s', 2, 'ended')])
      expect((await controller.log.history('sz', 's')).map(({ event }) => event.kind)).toEqual([
        'slice.claimed',
        'host.started',
        'host.ended',
      ])
      for (const kind of ['intent', 'log']) {
        const stream = `${prefix}_${kind}_sz`
        expect((await jsm.streams.info(stream)).state.consumer_count).toBe(0)
      }
    })

    test('changes that come faster than they are read end with the last', async () => {
      const { server, controller } = await open()
      const { heard } = await watch(controller)
      for (let n = 1; n <= 200; n++) await server.intent.put('sz', 'x', n)
      const all = await heard.until((items) => items.at(-1) === 'x 200')
      const numbers = all.map((text) => Number(text.split(' ')[1]))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    })

    test('a board that was made anew is read anew, although no connection was cut', async () => {
      const { prefix, server, controller, jsm } = await open()
      for (let n = 1; n <= 5; n++) await server.intent.put('sz', 'old', n)
      const { heard } = await watch(controller)
      await heard.until((items) => items.at(-1) === 'old 5')
      const stream = `${prefix}_intent_sz`
      await jsm.streams.delete(stream)
      // The server's engine looks for what is missing by itself, and makes it.
      const numbers = Array.from({ length: 10 }, (_, n) => n + 1)
      await Promise.all(numbers.map((n) => server.intent.put('sz', `new${n}`, n)))
      // Its numbers begin anew, and have passed those of the one before when we look.
      const all = numbers.map((n) => `new${n} ${n}`)
      await heard.until((items) => all.every((text) => items.includes(text)))
      expect((await jsm.streams.info(stream)).state.last_seq).toBe(10)
    })

    test('who stopped hears nothing more, and one who was cut off hears what he missed', async () => {
      const { server, controller } = await open()
      const stopped = await watch(controller)
      const { heard } = await watch(controller)
      await server.intent.put('sz', 'a', 1)
      await Promise.all([stopped.heard.count(1), heard.count(1)])
      await stopped.stop()
      await nats.kill()
      const put = server.intent.put('sz', 'b', 2)
      await nats.start()
      await put
      await heard.until((items) => items.includes('b 2'))
      expect(stopped.heard.items).toEqual(['a 1'])
      expect(heard.items).toEqual(['a 1', 'b 2'])
    })
  })
})
