// Live events: nothing is missed, nothing is told twice, whoever comes late, comes back or reads slowly.

import type { RunEvent } from '@omserver/api'
import { expect, test } from 'vitest'
import type { SseEvent } from '../http/index.ts'
import { type FakeController, startFakeController } from './testing/fake-controller.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { type RunServer, startRunServer } from './testing/run-server.ts'

const fleetOf = (count: number, more = {}) =>
  fakeFleet(Array.from({ length: count }, (_, n) => fakeHost(`h-${n}`, 'default', more)))

const dataOf = (event: SseEvent): RunEvent =>
  (event.json === undefined ? event.data : JSON.parse(event.json)) as RunEvent

interface WatchOptions {
  readonly form?: 'hosts' | 'each'
  readonly after?: number
  readonly output?: ReadonlySet<string> | '*'
  /** Leaves after this many events. */
  readonly leaveAfter?: number
  /** Awaited before the next event is asked for. */
  readonly between?: (events: number) => Promise<void> | undefined
}

const watch = async (server: RunServer, runId: string, options: WatchOptions = {}) => {
  const leave = new AbortController()
  const events: RunEvent[] = []
  let lastId = options.after ?? 0
  const stream = await server.runs.watch(server.admin, runId, {
    after: lastId,
    output: options.output ?? new Set(),
    form: options.form ?? 'each',
    signal: leave.signal,
  })
  for await (const event of stream) {
    events.push(dataOf(event))
    if (event.id !== undefined) lastId = Number(event.id)
    if (events.length === options.leaveAfter) break
    await options.between?.(events.length)
  }
  leave.abort()
  return { events, lastId }
}

const of = <T extends RunEvent['type']>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)

const talk = (server: RunServer): Promise<FakeController> =>
  startFakeController(server.engine, ['default'], (host) => ({
    output: [
      ['stdout', `one ${host.name}\n`],
      ['stderr', 'two\n'],
    ],
  }))

test('each: snapshot first, one end a host after all its output, the end of the run last', async () => {
  await using server = await startRunServer(fleetOf(30))
  const run = await server.launch({ module: 'echo', selector: '*', strategy: { concurrency: 4 } })
  const watching = watch(server, run.id, { output: '*' })
  await talk(server)
  const { events } = await watching
  expect(events[0]).toMatchObject({ type: 'run.snapshot', run: { id: run.id } })
  expect(events.at(-1)).toMatchObject({
    type: 'run.ended',
    status: 'succeeded',
    counts: { ok: 30 },
  })
  const ends = of(events, 'host.ended').map(({ result }) => result.name)
  expect(ends).toHaveLength(30)
  expect(new Set(ends).size).toBe(30)
  expect(of(events, 'host.started')).toHaveLength(30)
  for (const name of ends) {
    const mine = events.filter(
      (event) => ('name' in event ? event.name : 'result' in event && event.result.name) === name,
    )
    expect(mine.map(({ type }) => type)).toEqual([
      'host.started',
      'host.output',
      'host.output',
      'host.ended',
    ])
    expect(
      of(mine, 'host.output').map(({ text, offset, stream }) => [text, offset, stream]),
    ).toEqual([
      [`one ${name}\n`, 0, 'stdout'],
      ['two\n', 5 + name.length, 'stderr'],
    ])
  }
})

test('each: a reader that leaves and comes back with the last id gets every end exactly once', async () => {
  await using server = await startRunServer(fleetOf(25))
  const run = await server.launch({ module: 'echo', selector: '*', strategy: { concurrency: 3 } })
  const ends: string[] = []
  let after = 0
  let over = false
  await talk(server)
  while (!over) {
    const { events, lastId } = await watch(server, run.id, { after, leaveAfter: 7, output: '*' })
    ends.push(...of(events, 'host.ended').map(({ result }) => result.name))
    expect(events[0]?.type).toBe('run.snapshot')
    over = events.at(-1)?.type === 'run.ended'
    after = lastId
  }
  expect(ends).toHaveLength(25)
  expect(new Set(ends).size).toBe(25)
})

test('each: who comes after the end reads the same from the database', async () => {
  await using server = await startRunServer(fleetOf(5))
  await talk(server)
  const run = await server.launch({ module: 'echo', selector: '*' })
  await server.ended(run.id)
  const { events } = await watch(server, run.id, { output: '*' })
  expect(of(events, 'host.ended')).toHaveLength(5)
  expect(
    of(events, 'host.output')
      .map(({ text }) => text)
      .filter((text) => text === 'two\n'),
  ).toHaveLength(5)
  expect(events.at(-1)?.type).toBe('run.ended')
})

test('each: a reader that stalls until its place is gone misses no end and no output', {
  timeout: 60_000,
}, async () => {
  await using server = await startRunServer(fleetOf(6000))
  const run = await server.launch({
    module: 'echo',
    selector: '*',
    strategy: { concurrency: 500 },
    confirmHosts: 6000,
  })
  // 6,000 hosts make 24,000 entries; 20,000 are kept for readers.
  const over = server.ended(run.id)
  const watching = watch(server, run.id, {
    output: '*',
    between: (events) => (events === 40 ? over.then(() => undefined) : undefined),
  })
  await talk(server)
  const { events } = await watching
  const ends = of(events, 'host.ended').map(({ result }) => result.name)
  expect(ends).toHaveLength(6000)
  expect(new Set(ends).size).toBe(6000)
  const text = new Map<string, string>()
  for (const { name, text: part } of of(events, 'host.output')) {
    text.set(name, (text.get(name) ?? '') + part)
  }
  expect([...text].every(([name, whole]) => whole === `one ${name}\ntwo\n`)).toBe(true)
  expect(text.size).toBe(6000)
})

test('hosts: rows come gathered, in at most 2,000 an event, and end in the state that is stored', async () => {
  await using server = await startRunServer(fleetOf(2500))
  const run = await server.launch({
    module: 'echo',
    selector: '*',
    strategy: { concurrency: 300 },
    confirmHosts: 2500,
  })
  const watching = watch(server, run.id, { form: 'hosts' })
  await talk(server)
  const { events } = await watching
  const rows = new Map<string, { rev: number; state: string }>()
  for (const { hosts, rev } of of(events, 'hosts.changed')) {
    expect(hosts.length).toBeLessThanOrEqual(2000)
    expect(hosts.at(-1)?.rev).toBe(rev)
    for (const host of hosts) {
      expect(host.rev).toBeGreaterThan(rows.get(host.hostId)?.rev ?? 0)
      rows.set(host.hostId, host)
    }
  }
  expect(rows.size).toBe(2500)
  expect([...rows.values()].every(({ state }) => state === 'ok')).toBe(true)
  expect(events.at(-1)?.type).toBe('run.ended')
  expect(of(events, 'run.changed').at(-1)?.run.state).toBe('succeeded')
})

test('hosts: resumes after a rev without a gap, and tells nothing again', async () => {
  await using server = await startRunServer(fleetOf(40))
  const run = await server.launch({ module: 'echo', selector: '*', strategy: { concurrency: 2 } })
  await talk(server)
  const seen = new Map<string, string>()
  let after = 0
  let over = false
  while (!over) {
    const { events, lastId } = await watch(server, run.id, { form: 'hosts', after, leaveAfter: 2 })
    for (const { hosts } of of(events, 'hosts.changed')) {
      for (const host of hosts) {
        expect(host.rev).toBeGreaterThan(after)
        seen.set(host.hostId, host.state)
      }
    }
    over = events.at(-1)?.type === 'run.ended' || lastId === after
    after = lastId
    if (lastId === after && (await server.runs.show(server.admin, run.id)).endedAt !== null) {
      const rest = await watch(server, run.id, { form: 'hosts', after })
      for (const { hosts } of of(rest.events, 'hosts.changed')) {
        for (const host of hosts) seen.set(host.hostId, host.state)
      }
      over = true
    }
  }
  const stored = (await server.results(run.id)).items
  expect(stored.every(({ hostId, state }) => state === 'ok' && seen.get(hostId) === 'ok')).toBe(
    true,
  )
})

test('hosts: the output of the hosts looked at comes whole, no character cut, by its encoding', async () => {
  await using server = await startRunServer(fleetOf(2, { encoding: 'gb18030' }))
  const run = await server.launch({ module: 'echo', selector: '*' })
  const watching = watch(server, run.id, { form: 'hosts', output: new Set(['id-h-1']) })
  // 中文 in GB18030, cut in the middle of its first character.
  await startFakeController(server.engine, ['default'], () => ({
    output: [
      ['stdout', Buffer.from([0xd6])],
      ['stdout', Buffer.from([0xd0, 0xce, 0xc4, 0x0a])],
    ],
  }))
  const { events } = await watching
  const outputs = of(events, 'host.output')
  expect(outputs.every(({ hostId }) => hostId === 'id-h-1')).toBe(true)
  expect(outputs.map(({ text }) => text).join('')).toBe('中文\n')
})

test('three hundred screens on one run see the same end', async () => {
  await using server = await startRunServer(fleetOf(200))
  const run = await server.launch({ module: 'echo', selector: '*', confirmHosts: 200 })
  const screens = Array.from({ length: 300 }, () => watch(server, run.id, { form: 'hosts' }))
  await talk(server)
  const all = await Promise.all(screens)
  expect(all.every(({ events }) => events.at(-1)?.type === 'run.ended')).toBe(true)
  for (const { events } of all) {
    const rows = new Map(
      of(events, 'hosts.changed').flatMap(({ hosts }) =>
        hosts.map((host) => [host.hostId, host.state]),
      ),
    )
    expect(rows.size).toBe(200)
    expect(new Set(rows.values())).toEqual(new Set(['ok']))
  }
})
