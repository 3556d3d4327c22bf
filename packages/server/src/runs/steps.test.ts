// Steps of hosts: stored with the commit that brings them, read again, told live and after a gap.

import type { RunEvent } from '@omserver/api'
import { expect, test } from 'vitest'
import { cappedDiff } from './host-step.ts'
import { readSteps, readTasks } from './steps.ts'
import { startFakeController } from './testing/fake-controller.ts'
import { type FakeModule, fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { rawController } from './testing/raw-controller.ts'
import { type RunServer, startRunServer } from './testing/run-server.ts'

const leaf = { kind: 'shell', command: ['true'] } as const
const three: FakeModule = {
  name: 'three',
  action: () => ({
    kind: 'steps',
    steps: [
      { name: 'look', action: leaf },
      { name: 'act', action: leaf, when: { step: 'look', exit: [1] } },
      { name: 'check', action: leaf },
    ],
  }),
}
const echo: FakeModule = { name: 'echo', action: () => leaf }
const fleetOf = (...names: string[]) =>
  fakeFleet(
    names.map((name) => fakeHost(name)),
    [three, echo],
  )

const eventsOf = async (
  server: RunServer,
  id: string,
  how: { form: 'each' | 'hosts'; after?: number; output?: readonly string[] },
): Promise<RunEvent[]> => {
  const events: RunEvent[] = []
  const { signal } = new AbortController()
  const { form, after = 0, output = [] } = how
  for await (const { data } of await server.runs.watch(server.admin, id, {
    form,
    after,
    output: new Set(output),
    signal,
  })) {
    if (data) events.push(data as RunEvent)
  }
  return events
}
const said = (events: readonly RunEvent[], host: string): string[] =>
  events.flatMap((event) => {
    if (event.type === 'host.step' && event.name === host)
      return [`${event.task}${event.item === null ? '' : `[${event.item}]`} ${event.state}`]
    return event.type === 'host.ended' && event.result.name === host ? ['ended'] : []
  })

test('which step, how it ended, how long it took: stored, and read again after a restart', async () => {
  const before = await startRunServer(fleetOf('h-0', 'h-1'))
  const controller = await startFakeController(before.engine, ['default'], ({ name }) =>
    name === 'h-0'
      ? {
          steps: [
            { name: 'look', state: 'ok', exit: 0, durationMs: 12 },
            { name: 'act', state: 'skipped' },
            { name: 'check', state: 'ok', exit: 0, changed: true, durationMs: 3 },
          ],
        }
      : {
          steps: [{ name: 'look', state: 'failed', exit: 2, changed: false, durationMs: 7 }],
          end: { state: 'failed', reason: 'exit', exit: 2 },
        },
  )
  const { id } = await before.launch({ module: 'three', selector: '*' })
  await before.ended(id)
  await controller.stop()
  await using server = await before.crash()
  const stepsOf = (hostId: string) => readSteps(server.runs.reader, { runId: id, hostId }, {})
  const common = {
    item: null,
    exit: null,
    changed: null,
    durationMs: null,
    diff: null,
    message: null,
  }
  expect(await stepsOf('id-h-0')).toEqual({
    hostId: 'id-h-0',
    name: 'h-0',
    attempt: 1,
    told: true,
    names: ['look', 'act', 'check'],
    steps: [
      { ...common, index: 0, name: 'look', state: 'ok', exit: 0, durationMs: 12 },
      { ...common, index: 1, name: 'act', state: 'skipped' },
      { ...common, index: 2, name: 'check', state: 'ok', exit: 0, changed: true, durationMs: 3 },
    ],
    last: expect.any(Number),
    more: false,
  })
  expect(await stepsOf('id-h-1')).toMatchObject({
    names: ['look', 'act', 'check'],
    steps: [{ index: 0, state: 'failed', exit: 2, changed: false }],
  })
  const each = await eventsOf(server, id, { form: 'each' })
  expect(said(each, 'h-0')).toEqual(['look ok', 'act skipped', 'check ok', 'ended'])
  const looked = await eventsOf(server, id, { form: 'hosts', output: ['id-h-1'] })
  expect(said(looked, 'h-1')).toEqual(['look failed'])
  expect(said(looked, 'h-0')).toEqual([])
  await server.runs.remove(server.admin, id)
  expect(await server.services.db.selectFrom('host_steps').selectAll().execute()).toEqual([])
})

test('steps are told while the host runs, and a reader that comes back misses none', async () => {
  await using server = await startRunServer(fleetOf('h-0'))
  const controller = await rawController(server.engine, ['default'])
  const { id } = await server.launch({ module: 'three', selector: '*' })
  await server.settled()
  const [held] = controller.held
  if (!held) throw new Error('no slice was offered')
  await controller.claim(held)
  await controller.start(held, 'id-h-0')
  await controller.step(held, 'id-h-0', 0, 'look')
  await server.startedHosts(id, 1)
  const { items } = await server.results(id)
  const from = new AbortController()
  const first = await server.runs.watch(server.admin, id, {
    form: 'each',
    after: 0,
    output: new Set(),
    signal: from.signal,
  })
  for await (const { data } of first) if ((data as RunEvent)?.type === 'host.step') break
  from.abort()
  // This one has heard of the start, and of no step.
  const late = eventsOf(server, id, { form: 'each', after: items[0]?.rev })
  await controller.step(held, 'id-h-0', 1, 'act')
  await controller.step(held, 'id-h-0', 1, 'act', 'again')
  await controller.end(held, 'id-h-0', 'ok')
  expect(said(await late, 'h-0')).toEqual(['look ok', 'act ok', 'ended'])
})

test('a run without steps writes none and is asked for none', async () => {
  await using server = await startRunServer(fleetOf('h-0'))
  await startFakeController(server.engine, ['default'], () => ({}))
  const { id } = await server.launch({ module: 'echo', selector: '*' })
  await server.ended(id)
  expect(await readSteps(server.runs.reader, { runId: id, hostId: 'id-h-0' }, {})).toMatchObject({
    names: [],
    steps: [],
  })
})

const plays: FakeModule = {
  name: 'plays',
  action: () => ({ kind: 'playbook', project: 'shop', playbook: 'site.yml', vars: {} }),
}

test('the items of a task are rows of their own, also two of one name, with what changed and what was said', async () => {
  const host = fakeHost('h-0', 'default', { driver: 'ansible' })
  await using server = await startRunServer(fakeFleet([host], [plays]))
  await startFakeController(server.engine, ['default'], () => ({
    steps: [
      { name: 'facts', index: 0, state: 'ok', changed: false },
      { name: 'packages', index: 1, item: 'nginx', state: 'ok', changed: true, diff: '-a\n+b\n' },
      { name: 'packages', index: 1, item: 'nginx', state: 'ok', changed: false },
      { name: 'packages', index: 1, item: 'redis', state: 'failed', message: 'no such package' },
    ],
    end: { state: 'failed', reason: 'exit', exit: 2 },
  }))
  const { id } = await server.launch({ module: 'plays', selector: '*' })
  await server.ended(id)
  const target = { runId: id, hostId: 'id-h-0' }
  const all = await readSteps(server.runs.reader, target, {})
  expect(all).toMatchObject({ told: true, names: [], more: false })
  expect(all.steps).toMatchObject([
    { index: 0, name: 'facts', item: null, changed: false, diff: null },
    { index: 1, item: 'nginx', changed: true, diff: '-a\n+b\n' },
    { index: 1, item: 'nginx', changed: false },
    { index: 1, item: 'redis', state: 'failed', message: 'no such package' },
  ])
  const later = await readSteps(server.runs.reader, target, { after: (all.last ?? 0) - 1 })
  expect(later.steps).toEqual(all.steps.slice(-1))
  expect(await readSteps(server.runs.reader, target, { after: all.last ?? 0 })).toMatchObject({
    steps: [],
    last: all.last,
  })
  const each = await eventsOf(server, id, { form: 'each' })
  expect(said(each, 'h-0')).toEqual([
    'facts ok',
    'packages[nginx] ok',
    'packages[nginx] ok',
    'packages[redis] failed',
    'ended',
  ])
  expect(each.find((event) => event.type === 'host.step' && event.diff !== null)).toEqual({
    type: 'host.step',
    hostId: 'id-h-0',
    name: 'h-0',
    attempt: 1,
    index: 1,
    task: 'packages',
    item: 'nginx',
    state: 'ok',
    changed: true,
    diff: '-a\n+b\n',
    exit: null,
    durationMs: null,
    message: null,
  })
  const { tasks } = await readTasks(server.runs.reader, id)
  expect(tasks).toEqual([
    {
      index: 1,
      name: 'packages',
      failed: 1,
      changed: 1,
      failures: [{ hostId: 'id-h-0', host: 'h-0', item: 'redis', message: 'no such package' }],
    },
  ])
})

test('a diff is kept up to 64 KiB, in whole lines, and says how much is missing', () => {
  const short = '+one\n-two\n'
  expect(cappedDiff(short)).toBe(short)
  const long = Array.from({ length: 20_000 }, (_, n) => `+第 ${n} 行\n`).join('')
  const kept = cappedDiff(long)
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(64 * 1024)
  const lines = kept.split('\n')
  expect(lines.at(-1)).toBe(`… +${Buffer.byteLength(long) - 64 * 1024} B`)
  expect(long.startsWith(`${lines.slice(0, -1).join('\n')}\n`)).toBe(true)
  const oneLine = cappedDiff('汉'.repeat(40_000))
  expect(Buffer.byteLength(oneLine)).toBeLessThanOrEqual(64 * 1024)
  expect(oneLine).not.toContain('\uFFFD')
})
