// What a server finds after it was killed: nothing that ended is lost, nothing that started runs twice.

import { runRoutes } from '@omserver/api'
import { expect, test } from 'vitest'
import { readOutput } from './output.ts'
import { startFakeController } from './testing/fake-controller.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { rawController } from './testing/raw-controller.ts'
import { startRunServer } from './testing/run-server.ts'

test('ended hosts stay, started ones are lost, waiting ones still run, and none runs twice', async () => {
  const names = ['h-0', 'h-1', 'h-2', 'h-3', 'h-4']
  const fleet = fakeFleet(names.map((name) => fakeHost(name)))
  const before = await startRunServer(fleet)
  const reached = Promise.withResolvers<void>()
  const first = await startFakeController(before.engine, ['default'], (host) => {
    if (host.name === 'h-2') reached.resolve()
    return host.name === 'h-2'
      ? { until: new Promise(() => {}) }
      : { output: [['stdout', 'done\n']] }
  })
  const { id } = await before.launch({
    module: 'echo',
    selector: '*',
    strategy: { concurrency: 1 },
  })
  await reached.promise
  await before.startedHosts(id, 3)
  await first.stop()
  await using server = await before.crash()
  const second = await startFakeController(server.engine, ['default'], () => ({}))
  const ended = await server.ended(id)
  expect(ended).toMatchObject({ state: 'failed', counts: { ok: 4, lost: 1 } })
  const { items } = await server.results(id)
  expect(items.map(({ name, state, attempt }) => `${name} ${state} ${attempt}`)).toEqual([
    'h-0 ok 1',
    'h-1 ok 1',
    'h-2 lost 1',
    'h-3 ok 1',
    'h-4 ok 1',
  ])
  expect([...first.started.keys()]).toEqual(['h-0', 'h-1', 'h-2'])
  expect([...second.started.keys()]).toEqual(['h-3', 'h-4'])
})

test('a run that was never stored whole is gone, and its id is free again', async () => {
  const fleet = fakeFleet([fakeHost('h-0')])
  const before = await startRunServer(fleet)
  const { id } = await before.launch({ module: 'echo', selector: '*' })
  await before.settled()
  await before.services.db
    .updateTable('runs')
    .set({ state: 'preparing' })
    .where('id', '=', id)
    .execute()
  await using server = await before.crash()
  for (const table of ['runs', 'host_results', 'run_secrets'] as const) {
    expect(await server.services.db.selectFrom(table).selectAll().execute()).toEqual([])
  }
  expect(await server.launch({ id, module: 'echo', selector: '*' })).toMatchObject({ id })
})

test('an abort that was stored before the crash is carried out after it', async () => {
  const fleet = fakeFleet([fakeHost('h-0'), fakeHost('h-1')])
  const before = await startRunServer(fleet)
  const { id } = await before.launch({ module: 'echo', selector: '*' })
  await before.settled()
  await before.services.db
    .updateTable('runs')
    .set({ stop_reason: 'aborted' })
    .where('id', '=', id)
    .execute()
  await using server = await before.crash()
  const controller = await startFakeController(server.engine, ['default'], () => ({}))
  expect(await server.ended(id)).toMatchObject({ state: 'aborted', counts: { aborted: 2 } })
  expect(controller.started.size).toBe(0)
})

/** A detached run with one host started and one waiting, after a crash. */
const crashDetached = async (stopReason?: 'aborted') => {
  const fleet = fakeFleet([fakeHost('h-0'), fakeHost('h-1')])
  const before = await startRunServer(fleet)
  const first = await startFakeController(before.engine, ['default'], () => ({
    until: new Promise(() => {}),
  }))
  const strategy = { concurrency: 1, detach: true }
  const { id, detached } = await before.launch({ module: 'echo', selector: '*', strategy })
  expect(detached).toBe(true)
  await before.startedHosts(id, 1)
  await first.stop()
  const { db } = before.services
  await db.insertInto('outputs').values(halfOf(id)).execute()
  if (stopReason !== undefined) {
    await db.updateTable('runs').set({ stop_reason: stopReason }).where('id', '=', id).execute()
  }
  return { id, server: await before.crash() }
}
const halfOf = (id: string) => ({
  run_id: id,
  host_id: fakeHost('h-0').id,
  attempt: 1,
  offset: 0,
  bytes: Buffer.from('one\n'),
  pieces: JSON.stringify([[1, 4]]),
})

test('a detached host that was started is offered to be attached to, and keeps what it has said', async () => {
  const { id, server } = await crashDetached()
  await using _ = server
  expect(await server.runs.show(server.admin, id)).toMatchObject({ counts: { running: 1 } })
  const second = await startFakeController(server.engine, ['default'], (host) => ({
    output: [['stdout', host.name === 'h-0' ? 'one\ntwo\n' : 'other\n']],
  }))
  expect(await server.ended(id)).toMatchObject({ state: 'succeeded', counts: { ok: 2 } })
  const offered = second.slices.map(({ hosts, resume, detached, attempt }) => ({
    hosts: hosts.map(({ name }) => name),
    resume,
    detached,
    attempt,
  }))
  expect(offered).toEqual([
    { hosts: ['h-0'], resume: true, detached: true, attempt: 1 },
    { hosts: ['h-1'], resume: undefined, detached: true, attempt: 1 },
  ])
  const stored = await server.services.db
    .selectFrom('outputs')
    .select(['offset', 'bytes'])
    .where('host_id', '=', fakeHost('h-0').id)
    .orderBy('offset')
    .execute()
  expect(stored.map(({ offset, bytes }) => [offset, Buffer.from(bytes).toString()])).toEqual([
    [0, 'one\n'],
    [4, 'two\n'],
  ])
})

test('an abort that was stored before the crash reaches a detached host', async () => {
  const { id, server } = await crashDetached('aborted')
  await using _ = server
  const second = await startFakeController(server.engine, ['default'], () => ({
    until: new Promise(() => {}),
  }))
  expect(await server.ended(id)).toMatchObject({ state: 'aborted', counts: { aborted: 2 } })
  expect(second.slices.map(({ resume }) => resume)).toEqual([true])
  const { items } = await server.results(id)
  expect(items.map(({ leftRunning }) => leftRunning)).toEqual(['no', 'no'])
})

test('a host that ends lost under another controller keeps what it had said, and says how much', async () => {
  await using server = await startRunServer(fakeFleet([fakeHost('h-0')]))
  const controller = await rawController(server.engine, ['default'])
  const { id } = await server.launch({ module: 'echo', selector: '*' })
  await server.settled()
  const held = controller.held[0]!
  await controller.claim(held)
  await controller.start(held, 'id-h-0')
  await controller.output(held, 'id-h-0', 0, 'half\n')
  // Whoever takes over has not seen it.
  await controller.claim(held)
  await controller.end(held, 'id-h-0', 'lost')
  await server.ended(id)
  const { items } = await server.results(id)
  expect(items).toMatchObject([{ state: 'lost', outputBytes: 5 }])
  const target = { runId: id, hostId: 'id-h-0' }
  const range = await readOutput(server.runs.reader, target, runRoutes.output.query.parse({}))
  expect(range).toMatchObject({ keptBytes: 5, outputBytes: 5, pieces: [{ text: 'half\n' }] })
})
