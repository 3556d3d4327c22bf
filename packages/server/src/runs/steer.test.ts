// Ending a run at each of its stages, and running one again.

import { Problem } from '@omserver/core'
import { expect, test } from 'vitest'
import { permissionsOf } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import { startFakeController } from './testing/fake-controller.ts'
import { type FakeModule, fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { rawController } from './testing/raw-controller.ts'
import { type RunServer, startRunServer } from './testing/run-server.ts'

const fleetOf = (count: number, modules?: readonly FakeModule[]) =>
  fakeFleet(
    Array.from({ length: count }, (_, n) => fakeHost(`h-${n}`)),
    modules,
  )

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was refused',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  )

const abort = (server: RunServer, id: string) => server.runs.abort(server.admin, id)

const again = (server: RunServer, id: string, input: object) =>
  server.runs.rerun(server.admin, id, { which: 'all', secrets: {}, ...input } as never)

test('aborted while nobody has taken it: every host ends at once, without a controller', async () => {
  await using server = await startRunServer(fleetOf(3))
  const run = await server.launch({ module: 'echo', selector: '*' })
  await abort(server, run.id)
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({ state: 'aborted', stopReason: 'aborted', counts: { aborted: 3 } })
  const { items } = await server.results(run.id)
  expect(items[0]).toMatchObject({ reason: 'byPerson', leftRunning: 'no' })
  expect(await server.engine.queue.depth('default')).toEqual({ waiting: 0, leased: 0 })
})

test('aborted while hosts run: those end as the controller says, the rest never starts', async () => {
  await using server = await startRunServer(fleetOf(5))
  const running = Promise.withResolvers<void>()
  const controller = await startFakeController(server.engine, ['default'], (host) => {
    // Its lane was h-0's, whose end is stored by now.
    if (host.name === 'h-2') running.resolve()
    return host.name === 'h-0' ? {} : { until: new Promise(() => {}) }
  })
  const run = await server.launch({ module: 'echo', selector: '*', strategy: { concurrency: 2 } })
  await running.promise
  await abort(server, run.id)
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({ state: 'aborted', counts: { ok: 1, aborted: 4 } })
  expect(controller.started.size).toBeLessThan(5)
})

test('aborted when the controllers are gone: the server fences the slice and ends its hosts itself', async () => {
  await using server = await startRunServer(fleetOf(3))
  const controller = await rawController(server.engine, ['default'])
  const run = await server.launch({ module: 'echo', selector: '*' })
  await server.settled()
  const [held] = controller.held
  if (!held) throw new Error('nothing was taken')
  await controller.claim(held)
  await controller.start(held, 'id-h-0')
  await server.engine.presence.remove('default', 'controller:raw')
  await abort(server, run.id)
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({ state: 'aborted', counts: { aborted: 3 } })
  const { items } = await server.results(run.id)
  expect(items.map(({ leftRunning }) => leftRunning)).toEqual(['unknown', 'no', 'no'])
  // What the dead one still says changes nothing, and it is told to start nothing.
  await controller.end(held, 'id-h-0', 'ok')
  expect((await server.results(run.id)).items).toEqual(items)
  expect((await server.engine.intent.all('default')).get(`run:${run.id}`)).toMatchObject({
    want: 'abort',
  })
})

test('aborted after its end: refused, and nothing changes', async () => {
  await using server = await startRunServer(fleetOf(1))
  await startFakeController(server.engine, ['default'], () => ({}))
  const run = await server.launch({ module: 'echo', selector: '*' })
  await server.ended(run.id)
  expect(await codeOf(abort(server, run.id))).toBe('RUN_ENDED')
  await server.settled()
  expect(await codeOf(abort(server, run.id))).toBe('RUN_ENDED')
  expect(await server.runs.show(server.admin, run.id)).toMatchObject({ state: 'succeeded' })
  expect(await codeOf(abort(server, 'no-such-run'))).toBe('RUN_UNKNOWN')
})

test('runs again on the failed hosts only, or on those of one answer, with the stored action', async () => {
  let command = 'first'
  const module: FakeModule = { name: 'echo', action: () => ({ kind: 'shell', command: [command] }) }
  await using server = await startRunServer(fleetOf(4, [module]))
  const ran: string[] = []
  await startFakeController(server.engine, ['default'], (host, slice) => {
    ran.push(`${host.name} ${slice.action.kind === 'shell' ? slice.action.command[0] : ''}`)
    const bad = host.name === 'h-2'
    return bad ? { end: { state: 'failed', exit: 1 }, answer: 'bad' } : { answer: 'good' }
  })
  const run = await server.launch({ module: 'echo', selector: '*' })
  expect(await codeOf(again(server, run.id, {}))).toBe('RUN_NOT_ENDED')
  await server.ended(run.id)
  command = 'second'
  ran.length = 0
  const failed = await again(server, run.id, { which: 'failed' })
  expect(failed).toMatchObject({ total: 1, rerunOf: run.id, selector: 'h-2' })
  await server.ended(failed.id)
  expect(ran).toEqual(['h-2 first'])
  const good = await again(server, run.id, { which: { answer: 'good' } })
  expect((await server.ended(good.id)).total).toBe(3)
  expect(await codeOf(again(server, run.id, { which: { states: ['lost'] } }))).toBe('RERUN_NOTHING')
  expect(await codeOf(again(server, run.id, { which: { hostIds: ['id-h-9'] } }))).toBe(
    'HOST_UNKNOWN',
  )
})

test('runs again only when the secrets it had are given again', async () => {
  const module: FakeModule = {
    name: 'login',
    fields: [{ name: 'pin', kind: 'secret', title: { zh: '口令', en: 'PIN' }, required: true }],
    action: ({ pin }) => ({ kind: 'shell', command: ['login'], stdin: pin as never }),
  }
  await using server = await startRunServer(fleetOf(1, [module]))
  const opened: string[] = []
  await startFakeController(server.engine, ['default'], (_, { action }) => ({
    until: (async () => {
      if (action.kind !== 'shell' || typeof action.stdin !== 'object') return
      opened.push((await server.runs.secrets.open(action.stdin.ref)).reveal())
    })(),
  }))
  const run = await server.launch({ module: 'login', selector: '*', params: { pin: 'one' } })
  await server.ended(run.id)
  expect((await server.runs.show(server.admin, run.id)).secrets).toEqual(['pin'])
  expect(await codeOf(again(server, run.id, {}))).toBe('SECRET_NEEDED')
  const second = await again(server, run.id, { secrets: { pin: 'two' } })
  await server.ended(second.id)
  expect(opened).toEqual(['one', 'two'])
})

test('a host that was deleted since is named when its run is run again', async () => {
  const fleet = fleetOf(2)
  await using server = await startRunServer(fleet)
  await startFakeController(server.engine, ['default'], () => ({}))
  const run = await server.launch({ module: 'echo', selector: '*' })
  await server.ended(run.id)
  fleet.all.pop()
  expect(await codeOf(again(server, run.id, {}))).toBe('SELECTOR_UNKNOWN_NAMES')
})

test('a one-time login is used for the run, forgotten after it, and never stored', async () => {
  const { Secret } = await import('@omserver/core')
  await using server = await startRunServer(fleetOf(2))
  const used: string[] = []
  await startFakeController(server.engine, ['default'], (host) => ({
    until: server.runs.secrets
      .credential(host.access.credentialId ?? '')
      .then(({ user, password }) => used.push(`${host.name} ${user} ${password?.reveal()}`)),
  }))
  const run = await server.runs.launchAction(server.admin, {
    module: 'trust.establish',
    title: { zh: '建立信任关系', en: 'Establish trust' },
    action: { kind: 'shell', command: ['true'] },
    hosts: (await server.fleet.hosts.select('*')).hosts,
    selector: '*',
    onceLogin: new Map([
      ['id-h-0', { user: 'root', password: new Secret('pw-0') }],
      ['id-h-1', { user: 'root', password: new Secret('pw-1') }],
    ]),
  })
  await server.ended(run.id)
  await server.settled()
  expect(used.sort()).toEqual(['h-0 root pw-0', 'h-1 root pw-1'])
  expect(await codeOf(server.runs.secrets.credential(`once:${run.id}:id-h-0`))).toBe(
    'CREDENTIAL_UNKNOWN',
  )
  expect(await codeOf(again(server, run.id, {}))).toBe('SECRET_NEEDED')
  const text = JSON.stringify(
    await server.services.db.selectFrom('host_results').selectAll().execute(),
  )
  expect(text).not.toContain('pw-0')
})

test('somebody else’s run is steered only with a grant on each of its hosts, never on the server itself', async () => {
  const fleet = fakeFleet([
    fakeHost('web', 'sz'),
    fakeHost('gone', 'sz'),
    fakeHost('self', 'sz', { driver: 'local' }),
  ])
  await using server = await startRunServer(fleet)
  const actor: Actor = {
    ...server.admin,
    id: 'user-op',
    role: 'operator',
    permissions: permissionsOf('operator'),
    grants: [{ id: 'g', modules: ['*'], selector: '*' }],
  }
  const launched = async (selector: string) =>
    (await server.launch({ module: 'echo', selector })).id
  const [web, gone, self] = [
    await launched('web'),
    await launched('web gone'),
    await launched('self'),
  ]
  fleet.all.splice(1, 1)
  expect(await codeOf(server.runs.abort(actor, self))).toBe('LOCAL_ADMIN_ONLY')
  expect(await codeOf(server.runs.abort(actor, gone))).toBe('GRANT_MISSING')
  expect((await server.runs.show(actor, self)).may.abort).toBe(false)
  expect((await server.runs.show(actor, gone)).may.abort).toBe(false)
  expect((await server.runs.show(actor, web)).may.abort).toBe(true)
  await server.runs.abort(actor, web)
})
