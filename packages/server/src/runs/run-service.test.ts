// Runs from launch to end, on real SQLite and the real embedded engine; only the controller is a fake.

import { embeddedEngine } from '@omserver/engine'
import { expect, test } from 'vitest'
import { startFakeController } from './testing/fake-controller.ts'
import { echo, fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { startRunServer } from './testing/run-server.ts'

const hostsOf = (count: number, idc = 'default') =>
  Array.from({ length: count }, (_, n) => fakeHost(`h-${n}`, idc))

test('a run goes from launch to its end, and every host has answered', async () => {
  const fleet = fakeFleet(['a-1', 'a-2', 'b-1'].map((name) => fakeHost(name, name[0])))
  await using server = await startRunServer(fleet)
  await startFakeController(server.engine, ['a', 'b'], (host) => ({
    output: [
      ['stdout', `hello from ${host.name}\n`],
      ['stderr', 'careful\n'],
    ],
    answer: 'f00',
  }))
  const run = await server.launch({ module: 'echo', selector: '*' })
  expect(run).toMatchObject({ state: 'queued', total: 3, counts: { queued: 3 } })
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({
    state: 'succeeded',
    counts: { ok: 3, queued: 0, running: 0 },
    idcs: [
      { idc: 'a', hosts: 2 },
      { idc: 'b', hosts: 1 },
    ],
    may: { abort: false, rerun: true },
  })
  const left = await server.services.db
    .selectFrom('host_results')
    .select('target')
    .where('target', 'is not', null)
    .execute()
  expect(left).toEqual([])
  const open = await server.services.db
    .selectFrom('slices')
    .select('id')
    .where('ended_at', 'is', null)
    .execute()
  expect(open).toEqual([])
})

test('no more hosts are in flight than the run allows, over all its IDCs and slices', async () => {
  const fleet = fakeFleet([
    ...hostsOf(300, 'a'),
    ...Array.from({ length: 60 }, (_, n) => fakeHost(`b-${n}`, 'b')),
  ])
  await using server = await startRunServer(fleet)
  const controller = await startFakeController(server.engine, ['a', 'b'], () => ({}))
  const run = await server.launch({
    module: 'echo',
    selector: '*',
    strategy: { concurrency: 7 },
    confirmHosts: 360,
  })
  expect(await server.ended(run.id)).toMatchObject({ counts: { ok: 360 } })
  expect(controller.peak.get(run.id)).toBe(7)
})

test('an IDC without a controller holds up nobody else', async () => {
  const fleet = fakeFleet([...hostsOf(40, 'dead'), fakeHost('alive-1', 'alive')])
  await using server = await startRunServer(fleet)
  await startFakeController(server.engine, ['alive'], () => ({}))
  const run = await server.launch({ module: 'echo', selector: '*', strategy: { concurrency: 2 } })
  const watch = new AbortController()
  const events = await server.runs.watch(server.admin, run.id, {
    after: 0,
    output: new Set(),
    form: 'each',
    signal: watch.signal,
  })
  for await (const { data } of events) {
    if ((data as { type: string }).type === 'host.ended') break
  }
  watch.abort()
  expect(await server.runs.show(server.admin, run.id)).toMatchObject({
    state: 'running',
    counts: { ok: 1, queued: 40 },
  })
})

test('an IDC that the engine cannot reach is waited for once, not before every host of the others', async () => {
  const fleet = fakeFleet([...hostsOf(16, 'near'), fakeHost('far-1', 'far')])
  const openEngine = async () => {
    const engine = embeddedEngine()
    return {
      ...engine,
      ensure: (idc: string) => (idc === 'far' ? new Promise<void>(() => {}) : engine.ensure(idc)),
    }
  }
  await using server = await startRunServer(fleet, undefined, openEngine)
  await startFakeController(server.engine, ['near'], () => ({}))
  // One host a slice: two seconds for each would be more than a test may take.
  const strategy = { concurrency: 2, batches: '1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1' }
  const run = await server.launch({ module: 'echo', selector: '*', strategy })
  await expect
    .poll(async () => (await server.runs.show(server.admin, run.id)).counts.ok, { timeout: 15_000 })
    .toBe(16)
})

test('batches follow one another, and a host of the next one waits for the last of the one before', async () => {
  const fleet = fakeFleet(hostsOf(10))
  await using server = await startRunServer(fleet)
  const order: string[] = []
  const first = Promise.withResolvers<void>()
  const firstStarted = Promise.withResolvers<void>()
  await startFakeController(server.engine, ['default'], (host, slice) => {
    order.push(`${slice.batch}`)
    if (host.name === 'h-0') firstStarted.resolve()
    return host.name === 'h-0' ? { until: first.promise } : {}
  })
  const run = await server.launch({ module: 'echo', selector: '*', strategy: { batches: '1,30%' } })
  expect(run.batches).toEqual([1, 3, 3, 3])
  await firstStarted.promise
  expect(order).toEqual(['0'])
  first.resolve()
  expect(await server.ended(run.id)).toMatchObject({ state: 'succeeded', counts: { ok: 10 } })
  expect(order.join('')).toBe('0111222333')
})

test('more failures than the threshold allows stop the run; the rest is skipped and says why', async () => {
  const fleet = fakeFleet(hostsOf(10))
  await using server = await startRunServer(fleet)
  const controller = await startFakeController(server.engine, ['default'], (_, slice) =>
    slice.batch === 1 ? { end: { state: 'failed', reason: 'exit', exit: 1 } } : {},
  )
  const run = await server.launch({
    module: 'echo',
    selector: '*',
    strategy: { batches: '1,2,3,4', maxFailures: '1', concurrency: 1 },
  })
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({
    state: 'failed',
    stopReason: 'threshold',
    counts: { ok: 1, failed: 2, skipped: 7 },
  })
  expect([...controller.started.keys()]).toEqual(['h-0', 'h-1', 'h-2'])
  const { items } = await server.results(run.id)
  expect(items.slice(3).every(({ reason }) => reason === 'threshold')).toBe(true)
  await server.settled()
  expect(await server.engine.intent.all('default')).toEqual(new Map())
})

test('hosts that could not be reached are tried again after the first pass, each attempt with its own result', async () => {
  const fleet = fakeFleet(hostsOf(4))
  await using server = await startRunServer(fleet)
  const tries: string[] = []
  await startFakeController(server.engine, ['default'], (host, slice) => {
    tries.push(`${host.name}#${slice.attempt}`)
    const down = host.name === 'h-3' || (host.name === 'h-1' && slice.attempt === 1)
    return down ? { unstarted: true, end: { state: 'unreachable', reason: 'refused' } } : {}
  })
  const run = await server.launch({
    module: 'echo',
    selector: '*',
    strategy: { retries: 2, maxFailures: '0', concurrency: 1 },
  })
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({ state: 'failed', counts: { ok: 3, unreachable: 1 } })
  expect(tries).toEqual(['h-0#1', 'h-1#1', 'h-2#1', 'h-3#1', 'h-1#2', 'h-3#2', 'h-3#3'])
  const last = await server.results(run.id)
  expect(last.items.map(({ name, attempt, state }) => `${name}#${attempt} ${state}`)).toEqual([
    'h-0#1 ok',
    'h-1#2 ok',
    'h-2#1 ok',
    'h-3#3 unreachable',
  ])
  const all = await server.results(run.id, { attempts: 'all' })
  expect(all.items).toHaveLength(7)
})

test('in check mode a module that cannot be checked skips every host, and that is no failure', async () => {
  const fleet = fakeFleet(hostsOf(3))
  await using server = await startRunServer(fleet)
  const controller = await startFakeController(server.engine, ['default'], () => ({}))
  const run = await server.launch({ module: 'echo', selector: '*', check: true })
  expect(await server.ended(run.id)).toMatchObject({ state: 'succeeded', counts: { skipped: 3 } })
  expect(controller.started.size).toBe(0)
})

test('the run timeout ends what runs and what waits, with no controller too', async () => {
  const fleet = fakeFleet([...hostsOf(2, 'a'), fakeHost('b-1', 'nobody')])
  await using server = await startRunServer(fleet)
  await startFakeController(server.engine, ['a'], () => ({ until: new Promise(() => {}) }))
  const run = await server.launch({
    module: 'echo',
    selector: '*',
    strategy: { runTimeoutMs: 1000 },
  })
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({
    state: 'failed',
    stopReason: 'runTimeout',
    counts: { timedOut: 3 },
  })
})

test('fifty runs at once all end, none waiting for another to end first', async () => {
  const fleet = fakeFleet(hostsOf(20))
  await using server = await startRunServer(fleet)
  await startFakeController(server.engine, ['default'], () => ({ output: [['stdout', 'x']] }))
  const runs = await Promise.all(
    Array.from({ length: 50 }, () => server.launch({ module: 'echo', selector: '*' })),
  )
  const ended = await Promise.all(runs.map(({ id }) => server.ended(id)))
  expect(ended.every(({ counts }) => counts.ok === 20)).toBe(true)
})

test('who launched what on which hosts, and how it ended, is in the activity log', async () => {
  const fleet = fakeFleet(hostsOf(2), [{ ...echo, dangerous: { zh: '小心', en: 'Careful' } }])
  await using server = await startRunServer(fleet)
  await startFakeController(server.engine, ['default'], () => ({}))
  const run = await server.launch({ module: 'echo', selector: 'h-0 h-1', confirmHosts: 2 })
  await server.ended(run.id)
  await server.settled()
  const rows = await server.services.db.selectFrom('activity').selectAll().orderBy('at').execute()
  expect(rows.map(({ what, actor_name, host_count }) => [what, actor_name, host_count])).toEqual([
    ['runs.launch', 'admin', 2],
    ['run.ended', 'system', 0],
  ])
  expect(JSON.parse(rows[0]!.hosts)).toEqual(['h-0', 'h-1'])
})
