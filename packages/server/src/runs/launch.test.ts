// What a launch refuses, and that it then has changed nothing.

import { launchInput, runRoutes } from '@omserver/api'
import { type FormField, Problem, type Text } from '@omserver/core'
import { expect, test } from 'vitest'
import { permissionsOf } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import { startFakeController } from './testing/fake-controller.ts'
import { echo, type FakeModule, fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { type RunServer, startRunServer } from './testing/run-server.ts'

const said: Text = { zh: '密码', en: 'Password' }
const password: FormField = { name: 'password', kind: 'secret', title: said, required: true }

const login: FakeModule = {
  name: 'login',
  fields: [password],
  action: ({ password }) => ({ kind: 'shell', command: ['login'], stdin: password as never }),
}

const fleetOf = (count: number, modules: readonly FakeModule[] = [echo]) =>
  fakeFleet(
    Array.from({ length: count }, (_, n) => fakeHost(`h-${n}`)),
    modules,
  )

const operator = (grants: Actor['grants']): Actor => ({
  id: 'user-op',
  name: 'op',
  role: 'operator',
  permissions: permissionsOf('operator'),
  grants,
  via: 'session',
  from: '10.0.0.1',
})

const rerunAll = runRoutes.rerun.body.parse({ which: 'all' })

const refusal = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  )
  if (error instanceof Problem) return error
  throw error
}

const rowsOf = async (server: RunServer): Promise<number> => {
  const { db } = server.services
  const [runs, hosts, secrets] = await Promise.all([
    db.selectFrom('runs').select('id').execute(),
    db.selectFrom('host_results').select('run_id').execute(),
    db.selectFrom('run_secrets').select('run_id').execute(),
  ])
  return runs.length + hosts.length + secrets.length
}

test.each([
  ['MODULE_UNKNOWN', { module: 'nothing', selector: '*' }],
  ['SELECTOR_EMPTY', { module: 'echo', selector: 'idc=nowhere' }],
  ['SELECTOR_SYNTAX', { module: 'echo', selector: 'h-0,=' }],
  ['CREDENTIAL_UNKNOWN', { module: 'echo', selector: '*', credential: 'lost' }],
  ['BATCH_SYNTAX', { module: 'echo', selector: '*', strategy: { batches: '1,x' } }],
  ['THRESHOLD_SYNTAX', { module: 'echo', selector: '*', strategy: { maxFailures: 'few' } }],
  ['CONFIRM_NEEDED', { module: 'echo', selector: '*' }],
  ['COUNT_MISMATCH', { module: 'echo', selector: '*', confirmHosts: 59 }],
] as const)('refuses with %s and stores nothing', async (code, input) => {
  await using server = await startRunServer(fleetOf(60))
  expect(await refusal(server.launch(input))).toMatchObject({ code })
  expect(await rowsOf(server)).toBe(0)
})

test('a host name that does not exist is named, never dropped', async () => {
  await using server = await startRunServer(fleetOf(3))
  const problem = await refusal(server.launch({ module: 'echo', selector: 'h-0 h-O h-1' }))
  expect(problem).toMatchObject({ code: 'SELECTOR_UNKNOWN_NAMES', details: { names: ['h-O'] } })
})

test('a wrong number of hosts is told with the right one', async () => {
  await using server = await startRunServer(fleetOf(3))
  const problem = await refusal(server.launch({ module: 'echo', selector: '*', confirmHosts: 2 }))
  expect(problem).toMatchObject({ code: 'COUNT_MISMATCH', details: { confirmed: 2, hosts: 3 } })
})

test('a dangerous module asks for the number even on one host, and says why', async () => {
  const dangerous = { zh: '会重启', en: 'It reboots' }
  await using server = await startRunServer(fleetOf(1, [{ ...echo, dangerous }]))
  const problem = await refusal(server.launch({ module: 'echo', selector: '*' }))
  expect(problem).toMatchObject({
    code: 'CONFIRM_NEEDED',
    details: { hosts: 1, reason: dangerous },
  })
})

test('an operator runs only what grants allow, and never on the server itself', async () => {
  const fleet = fakeFleet([
    fakeHost('web', 'sz'),
    fakeHost('db', 'sh'),
    fakeHost('self', 'sz', { driver: 'local' }),
  ])
  await using server = await startRunServer(fleet)
  const actor = operator([{ id: 'g', modules: ['echo'], selector: 'idc=sz' }])
  expect(await refusal(server.launch({ module: 'echo', selector: 'web db' }, actor))).toMatchObject(
    { code: 'GRANT_MISSING', details: { hosts: 'db' } },
  )
  expect(await refusal(server.launch({ module: 'echo', selector: 'idc=sz' }, actor))).toMatchObject(
    { code: 'LOCAL_ADMIN_ONLY', details: { host: 'self' } },
  )
  expect(await rowsOf(server)).toBe(0)
  expect(await server.launch({ module: 'echo', selector: 'web' }, actor)).toMatchObject({
    startedBy: 'op',
    may: { abort: true },
  })
})

test('an operator names a credential only where a host that is granted has it already', async () => {
  const dev = fakeHost('dev', 'sz')
  const prod = { ...fakeHost('prod', 'sh'), credentialId: 'credential-lab' }
  await using server = await startRunServer(fakeFleet([dev, prod]))
  const wish = { module: 'echo', selector: 'dev', credential: 'lab' }
  const onDev = operator([{ id: 'g', modules: ['echo'], selector: 'idc=sz' }])
  expect(await refusal(server.launch(wish, onDev))).toMatchObject({
    code: 'CREDENTIAL_NOT_GRANTED',
    details: { module: 'echo', credential: 'lab' },
  })
  const { refused } = await server.runs.preview(onDev, launchInput.parse(wish))
  expect(refused?.en).toContain('credential lab')
  expect(await rowsOf(server)).toBe(0)
  const onBoth = operator([{ id: 'g', modules: ['*'], selector: '*' }])
  const run = await server.launch(wish, onBoth)
  await startFakeController(server.engine, ['default', 'sz', 'sh'], () => ({}))
  await server.ended(run.id)
  // What an administrator ran with it is not rerun with it either.
  const byAdmin = await server.launch(wish)
  await server.ended(byAdmin.id)
  expect(await refusal(server.runs.rerun(onDev, byAdmin.id, rerunAll))).toMatchObject({
    code: 'CREDENTIAL_NOT_GRANTED',
  })
})

test('the same id twice is the same run, also at the same time; for another wish it is taken', async () => {
  await using server = await startRunServer(fleetOf(3))
  const wish = { id: '019a0000-0000-7000-8000-000000000001', module: 'echo', selector: 'h-0' }
  const [first, second] = await Promise.all([server.launch(wish), server.launch(wish)])
  const third = await server.launch(wish)
  expect([second.id, third.id]).toEqual([first.id, first.id])
  expect(await server.services.db.selectFrom('runs').select('id').execute()).toHaveLength(1)
  expect(await refusal(server.launch({ ...wish, selector: 'h-1' }))).toMatchObject({
    code: 'RUN_ID_TAKEN',
  })
})

test('secrets are sealed, shown as ***, opened by reference while the run goes, and gone after it', async () => {
  await using server = await startRunServer(fleetOf(1, [login]))
  const opened: string[] = []
  await startFakeController(server.engine, ['default'], (_, slice) => {
    const { action } = slice
    const refs = action.kind === 'shell' ? [action.stdin, action.runAs?.password] : []
    return {
      until: Promise.all(
        refs.map(async (ref) => {
          if (typeof ref === 'object')
            opened.push((await server.runs.secrets.open(ref.ref)).reveal())
        }),
      ),
    }
  })
  const run = await server.launch({
    module: 'login',
    selector: '*',
    params: { password: 'hunter2' },
    runAs: { user: 'root', method: 'sudo', password: 'sudo-secret' },
  })
  expect(run.params).toEqual({ password: '***' })
  const ended = await server.ended(run.id)
  expect(opened.toSorted()).toEqual(['hunter2', 'sudo-secret'])
  await server.settled()
  expect(await server.services.db.selectFrom('run_secrets').selectAll().execute()).toEqual([])
  const problem = await refusal(server.runs.secrets.open(`run:${run.id}:password`))
  expect(problem.code).toBe('SECRET_MISSING')
  for (const table of ['runs', 'host_results', 'activity'] as const) {
    const text = JSON.stringify(await server.services.db.selectFrom(table).selectAll().execute())
    expect(text).not.toMatch(/hunter2|sudo-secret/)
  }
  expect(JSON.stringify(ended)).not.toMatch(/hunter2|sudo-secret/)
})

test('a parameter that looks like a reference opens nobody else’s secret', async () => {
  const thief: FakeModule = {
    name: 'thief',
    action: ({ text }) => ({ kind: 'shell', command: ['cat'], stdin: text as never }),
  }
  await using server = await startRunServer(fleetOf(1, [thief]))
  const text = { kind: 'secret', ref: 'run:somebody-else:password' }
  const problem = await refusal(server.launch({ module: 'thief', selector: '*', params: { text } }))
  expect(problem.code).toBe('MODULE_THREW')
})

test('a preview says what would happen and stores nothing', async () => {
  await using server = await startRunServer(fleetOf(60))
  const preview = await server.preview({
    module: 'echo',
    selector: '* nobody-7',
    strategy: { batches: '10%' },
  })
  expect(preview).toMatchObject({
    total: 60,
    unknown: ['nobody-7'],
    batches: [6, 6, 6, 6, 6, 6, 6, 6, 6, 6],
    confirm: { needed: true },
    refused: null,
    problems: [],
  })
  expect(preview.preview).toContain('echo hello')
  expect(await rowsOf(server)).toBe(0)
})
