// What only calls between machines can get wrong: the other side dies, is older or newer, or is not ours at all.

import { connect, headers, type NatsConnection } from '@nats-io/transport-node'
import { type Json, Problem } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { abortOf, collector, IDC, servedBy } from '../conformance/case-kit.ts'
import type { CallFailure, Engine } from '../ports.ts'
import type { NatsOptions } from './nats-options.ts'
import { packFrame } from './payload.ts'
import { binaries, linkTo, open, withoutServer } from './testing/open-engine.ts'

const prefix = 'calls'
const jsonOf = (value: Json): Uint8Array => packFrame(Buffer.from(JSON.stringify(value)))

describe.skipIf(withoutServer).each(binaries)('calls, %s', (binary) => {
  let server: NatsServer

  beforeAll(async () => {
    server = await startNatsServer(binary)
  }, 60_000)
  afterAll(() => server?.stop())

  const engine = (options: Partial<NatsOptions> = {}, url = server.url): Promise<Engine> =>
    open(url, { prefix, blobsMaxBytes: 1024 * 1024, ...options })

  const raw = async (): Promise<NatsConnection> => {
    const nc = await connect({ servers: server.url })
    onTestFinished(() => nc.close())
    return nc
  }

  /** Serves a method that says when it began, and when nobody waits for it any more. */
  const hanging = async (by: Engine, method: string) => {
    const begun = collector<AbortSignal>()
    await by.bus.serve(IDC, method, servedBy(), (_, { signal }) => {
      begun.add(signal)
      return new Promise(() => undefined)
    })
    return begun
  }
  const patiently = { timeoutMs: 600_000 }

  test('a service that closes says so to its callers, and a caller that closes to its services', async () => {
    const [service, caller] = [await engine(), await engine()]
    const begun = await hanging(service, 'hang1')
    const call = expectProblem(caller.bus.call(IDC, 'hang1', null, patiently), 'ENGINE_CLOSED')
    await begun.count(1)
    await service.close()
    await call

    const again = await engine()
    const begunAgain = await hanging(again, 'hang2')
    const left = expectProblem(caller.bus.call(IDC, 'hang2', null, patiently), 'ENGINE_CLOSED')
    const [signal] = await begunAgain.count(1)
    await caller.close()
    await left
    await abortOf(signal as AbortSignal)
  })

  test('a caller learns that the service is gone, without waiting for its deadline', async () => {
    const link = await linkTo(server)
    const service = await engine({ beatMs: 100 }, link.url)
    const caller = await engine({ beatMs: 100 })
    const begun = await hanging(service, 'dies')
    const call = caller.bus.call(IDC, 'dies', null, patiently)
    await begun.count(1)
    link.close()
    await expectProblem(call, 'BUS_GONE')
  })

  test('a service learns that the caller is gone, and what waits to be emitted ends', async () => {
    const link = await linkTo(server)
    const service = await engine({ beatMs: 100 })
    const caller = await engine({ beatMs: 100 }, link.url)
    const ended = collector<string>()
    const signals = collector<AbortSignal>()
    await service.bus.serve(IDC, 'tail', servedBy(), async (_, { emit, signal }) => {
      signals.add(signal)
      for (;;) {
        await emit('line').catch((error: Problem) => {
          ended.add(error.code)
          throw error
        })
      }
    })
    const onItem = (): Promise<void> => new Promise(() => undefined)
    const call = caller.bus.call(IDC, 'tail', null, { ...patiently, onItem })
    const [signal] = await signals.count(1)
    link.close()
    await expectProblem(call, 'BUS_GONE')
    await abortOf(signal as AbortSignal)
    expect(await ended.count(1)).toEqual(['BUS_GONE'])
  })

  test('a call that takes long is kept alive by both sides for as long as it takes', async () => {
    const [service, caller] = [await engine({ beatMs: 50 }), await engine({ beatMs: 50 })]
    await service.bus.serve(IDC, 'slow', servedBy(), async (_, { signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 600))
      return signal.aborted
    })
    expect(await caller.bus.call(IDC, 'slow', null, patiently)).toBe(false)
  })

  test('once it is known that the link is down a caller is told so at once', async () => {
    const link = await linkTo(server)
    const caller = await engine({ beatMs: 50 }, link.url)
    link.close()
    // The first of them may have been sent before that was known.
    for (let sent = 0; sent < 2; sent++) {
      await expectProblem(caller.bus.call(IDC, 'any', null, patiently), 'BUS_GONE')
    }
  })

  test('what an error says reaches the log of its own side, under the number that the caller is given', async () => {
    const failures = collector<CallFailure>()
    const service = await engine({ onCallFailure: (failure) => failures.add(failure) })
    const caller = await engine({ identity: 'asker' })
    await service.bus.serve(IDC, 'plain', servedBy(), async () => {
      throw new Error('cannot read /etc/secret')
    })
    const problem = await expectProblem(caller.bus.call(IDC, 'plain', null), 'BUS_FAILED')
    const [failure] = await failures.count(1)
    expect(failure?.error).toMatchObject({ message: 'cannot read /etc/secret' })
    expect(failure).toMatchObject({
      ...{ idc: IDC, method: 'plain', call: problem.details['call'] },
      caller: { kind: 'server', idc: IDC, name: 'asker' },
    })
  })

  describe('of versions', () => {
    test.each([
      [1, 2],
      [2, 1],
      [2, 2],
    ])('a caller of version %i and a service of version %i work together', async (asks, serves) => {
      const method = `v${asks}${serves}`
      const [service, caller] = [
        await engine({ protocol: serves }),
        await engine({ protocol: asks }),
      ]
      await service.bus.serve(
        IDC,
        method,
        servedBy(method),
        async (argument, { caller: by, emit }) => {
          await emit('item')
          return [argument, by.protocol]
        },
      )
      const items: Json[] = []
      const onItem = (item: Json): void => void items.push(item)
      expect(await caller.bus.call(IDC, method, 'x', { onItem })).toEqual(['x', asks])
      expect(items).toEqual(['item'])
      const unknown = caller.bus.call(IDC, `${method}-new`, null, { to: method })
      expect((await expectProblem(unknown, 'METHOD_UNKNOWN')).details).toEqual({
        ...{ idc: IDC, method: `${method}-new`, peer: method, theirs: serves, ours: asks },
      })
    })

    test.each([
      [1, 3],
      [3, 1],
    ])('a caller of version %i and a service of version %i do not', async (asks, serves) => {
      const method = `v${asks}${serves}`
      const [service, caller] = [
        await engine({ protocol: serves }),
        await engine({ protocol: asks }),
      ]
      const ran = collector<Json>()
      await service.bus.serve(IDC, method, servedBy(method), async (argument) => {
        ran.add(argument)
        return null
      })
      const refused = { theirs: asks, ours: serves, peer: 'test' }
      const known = caller.bus.call(IDC, method, null)
      expect((await expectProblem(known, 'PROTOCOL_APART')).details).toEqual(refused)
      const unknown = caller.bus.call(IDC, `${method}-new`, null, { to: method })
      expect((await expectProblem(unknown, 'PROTOCOL_APART')).details).toEqual(refused)
      expect(ran.items).toEqual([])
    })
  })

  describe('what is not ours', () => {
    const at = `${prefix}.idc.${IDC}`
    const marked = (marks: Readonly<Record<string, string>>) => {
      const all = headers()
      for (const [name, value] of Object.entries(marks)) all.set(name, value)
      return all
    }
    /** What comes back to a request with these headers. */
    const askRaw = async (method: string, data: Uint8Array, marks: Record<string, string> = {}) => {
      const nc = await raw()
      const answer = Promise.withResolvers<readonly [string, Json]>()
      nc.subscribe(`${at}.answer.*.client.raw.line.1`, {
        callback(_, message) {
          const json = JSON.parse(Buffer.from(message.data.subarray(5)).toString())
          answer.resolve([message.headers?.get('Om-Problem') ?? '', json])
        },
      })
      nc.publish(`${at}.call.c1.${method}.client.raw.line.1`, data, { headers: marked(marks) })
      return answer.promise
    }

    test('fields that are not known are ignored, and those that are missing have defaults', async () => {
      const service = await engine()
      await service.bus.serve(
        IDC,
        'raw',
        { self: 'c1', callers: ['client'] },
        async (argument, call) => [argument, { ...call.caller }, call.takesItems],
      )
      const caller = { kind: 'client', idc: IDC, name: 'raw', protocol: 1 }
      expect(await askRaw('raw', jsonOf(1))).toEqual(['', [1, caller, false]])
      const future = {
        'Om-Future': 'x',
        'Om-Deadline-Ms': 'soon',
        'Om-Window': '-1',
        'Om-Protocol': '2',
      }
      const newer = { ...caller, protocol: 2 }
      expect(await askRaw('raw', jsonOf(1), future)).toEqual(['', [1, newer, false]])
    })

    test('what is too large, too deep or no JSON is refused before it is read, and no handler runs', async () => {
      const service = await engine()
      const ran = collector<Json>()
      await service.bus.serve(
        IDC,
        'strict',
        { self: 'c1', callers: ['client'] },
        async (argument) => {
          ran.add(argument)
          return null
        },
      )
      const limit = 256 * 1024
      expect(await askRaw('strict', packFrame(Buffer.alloc(limit + 1, '[')))).toEqual([
        'FRAME_TOO_LARGE',
        { method: 'strict', bytes: limit + 1, limit },
      ])
      const deep = packFrame(Buffer.from(`${'['.repeat(9_000)}${']'.repeat(9_000)}`))
      expect(await askRaw('strict', deep)).toMatchObject(['FRAME_TOO_DEEP', { limit: 64 }])
      const unreadable = ['FRAME_UNREADABLE', { method: 'strict' }]
      for (const bytes of ['{', '', '\u0001\u0000\u0000']) {
        expect(await askRaw('strict', packFrame(Buffer.from(bytes)))).toEqual(unreadable)
        expect(await askRaw('strict', Buffer.from(bytes))).toEqual(unreadable)
      }
      expect(ran.items).toEqual([])
    })

    /** A service that sends what the test says, whatever was asked. */
    const serveRaw = async (
      method: string,
      parts: readonly (readonly [Record<string, string>, Json])[],
    ): Promise<{ readonly cancelled: Promise<void> }> => {
      const nc = await raw()
      const cancelled = Promise.withResolvers<void>()
      nc.subscribe(`${at}.control.>`, {
        callback(_, message) {
          if (message.headers?.has('Om-Cancel')) cancelled.resolve()
        },
      })
      nc.subscribe(`${at}.call._.${method}.*.*.*.*`, {
        callback(_, { subject }) {
          const address = subject.split('.').slice(-4).join('.')
          for (const [marks, json] of parts) {
            nc.publish(`${at}.answer.raw.${address}`, jsonOf(json), { headers: marked(marks) })
          }
        },
      })
      await nc.flush()
      return { cancelled: cancelled.promise }
    }
    const take = async (method: string) => {
      const caller = await engine()
      const items: Json[] = []
      const onItem = (item: Json): void => void items.push(item)
      const answer = await caller.bus
        .call(IDC, method, null, { onItem })
        .catch((error: Problem) => error.code)
      return { items, answer }
    }
    const item = (n: number): readonly [Record<string, string>, Json] => [{ 'Om-Item': `${n}` }, n]

    test('an item that comes twice is taken once', async () => {
      await serveRaw('twice', [item(1), item(2), item(1), item(2), [{ 'Om-Items': '2' }, 'done']])
      expect(await take('twice')).toEqual({ items: [1, 2], answer: 'done' })
    })

    test('a call that lost an item on the way fails, and never goes on without it', async () => {
      await serveRaw('gap', [item(1), item(3), [{ 'Om-Items': '3' }, 'done']])
      expect((await take('gap')).answer).toBe('BUS_GONE')
      await serveRaw('end', [item(1), [{ 'Om-Items': '2' }, 'done']])
      expect((await take('end')).answer).toBe('BUS_GONE')
    })

    test('a service that sends more than there is room for is cut off', async () => {
      const { cancelled } = await serveRaw(
        'flood',
        Array.from({ length: 50 }, (_, index) => item(index + 1)),
      )
      const caller = await engine()
      const onItem = (): Promise<void> => new Promise(() => undefined)
      await expectProblem(caller.bus.call(IDC, 'flood', null, { onItem }), 'BUS_GONE')
      await cancelled
    })

    test('an item or an answer beyond the limit is refused by who takes it', async () => {
      const large = 'x'.repeat(256 * 1024)
      await serveRaw('large-item', [[{ 'Om-Item': '1' }, large]])
      expect((await take('large-item')).answer).toBe('FRAME_TOO_LARGE')
      await serveRaw('large-answer', [[{ 'Om-Items': '0' }, large]])
      expect((await take('large-answer')).answer).toBe('FRAME_TOO_LARGE')
    })

    test('a code that is no code is not passed on', async () => {
      await serveRaw('odd', [[{ 'Om-Problem': '<script>' }, [1]]])
      expect((await take('odd')).answer).toBe('BUS_FAILED')
    })
  })
})

const expectProblem = async (call: Promise<Json>, code: string): Promise<Problem> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Problem)
  expect(error).toMatchObject({ code })
  return error as Problem
}
