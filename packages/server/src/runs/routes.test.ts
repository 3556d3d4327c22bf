// Runs over HTTP: answers as the contract declares them (the server compares), streams, files, and who may call.

import { hostRoutes, type RunEvent, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { startFakeController } from './testing/fake-controller.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ operatorGrants: [{ modules: ['shell'], selector: 'env=test' }] })
  for (const [name, env] of [
    ['sim-1', 'test'],
    ['sim-2', 'test'],
    ['sim-3', 'prod'],
  ] as const) {
    await server.admin.call(hostRoutes.add, {
      body: { name, address: '127.0.0.1', driver: 'sim', labels: { env } },
    })
  }
  await startFakeController(server.engine, ['default'], (host) => ({
    output: [['stdout', `hello ${host.name}\n`]],
    answer: 'aaaa',
    end: host.name === 'sim-2' ? { state: 'failed', reason: 'exit', exit: 1 } : undefined,
  }))
})
afterAll(() => server.close())

const body = { module: 'shell', params: { command: 'echo hello' } }

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'fine',
    (error: { readonly code: string }) => error.code,
  )

test('a run is previewed, launched, followed, read, exported, run again and removed', async () => {
  const { admin } = server
  const preview = await admin.call(runRoutes.preview, { body: { ...body, selector: 'env=test' } })
  expect(preview).toMatchObject({
    total: 2,
    refused: null,
    preview: expect.stringContaining('echo'),
  })
  const run = await admin.call(runRoutes.launch, { body: { ...body, selector: 'env=test' } })
  const params = { id: run.id }
  const events: RunEvent[] = []
  const stream = admin.events(runRoutes.events, { params, query: { form: 'each', output: '*' } })
  for await (const { data } of stream) events.push(data)
  expect(events.filter(({ type }) => type === 'host.ended')).toHaveLength(2)
  expect(events.at(-1)).toMatchObject({ type: 'run.ended', status: 'failed' })
  expect(await admin.call(runRoutes.show, { params })).toMatchObject({
    state: 'failed',
    counts: { ok: 1, failed: 1 },
    preview: expect.stringContaining('echo hello'),
  })
  const { items } = await admin.call(runRoutes.results, { params, query: {} })
  expect(items.map(({ name, state }) => [name, state])).toEqual([
    ['sim-1', 'ok'],
    ['sim-2', 'failed'],
  ])
  const one = { id: run.id, hostId: items[0]?.hostId ?? '' }
  const output = await admin.call(runRoutes.output, { params: one, query: {} })
  expect(output.pieces).toEqual([{ stream: 'stdout', offset: 0, text: 'hello sim-1\n' }])
  expect(await (await admin.file(runRoutes.rawOutput, { params: one, query: {} })).text()).toBe(
    'hello sim-1\n',
  )
  const answers = await admin.call(runRoutes.answers, { params, query: {} })
  expect(answers.clusters.map(({ hosts }) => hosts)).toEqual([1, 1])
  const found = await admin.call(runRoutes.search, { params, query: { text: 'SIM-2' } })
  expect(found).toMatchObject({ totalHosts: 1, hosts: [{ name: 'sim-2' }] })
  const csv = await admin.file(runRoutes.export, { params, query: { format: 'csv' } })
  expect((await csv.text()).split('\r\n')).toHaveLength(4)
  expect(csv.headers.get('content-disposition')).toContain('.csv')
  expect(await codeOf(admin.call(runRoutes.table, { params, query: {} }))).toBe('NO_TABLE')
  const again = await admin.call(runRoutes.rerun, { params, body: { which: 'failed' } })
  expect(again).toMatchObject({ total: 1, rerunOf: run.id })
  for await (const _ of admin.events(runRoutes.events, { params: { id: again.id }, query: {} }));
  const listed = await admin.call(runRoutes.list, { query: { module: 'shell' } })
  expect(listed.items.map(({ id }) => id)).toEqual([again.id, run.id])
  expect(await codeOf(admin.call(runRoutes.abort, { params }))).toBe('RUN_ENDED')
  expect(await admin.call(runRoutes.remove, { params })).toEqual({ ok: true })
  expect(await codeOf(admin.call(runRoutes.show, { params }))).toBe('RUN_UNKNOWN')
})

test('an operator launches where a grant says so, sees why not elsewhere; a viewer only looks', async () => {
  const { operator, viewer, stranger } = server
  const wish = { body: { ...body, selector: 'sim-3' } }
  expect(await codeOf(operator.call(runRoutes.launch, wish))).toBe('GRANT_MISSING')
  const preview = await operator.call(runRoutes.preview, wish)
  expect(preview.refused?.en).toContain('sim-3')
  expect(await codeOf(viewer.call(runRoutes.launch, wish))).toBe('FORBIDDEN')
  expect(await codeOf(stranger.call(runRoutes.launch, wish))).toBe('NOT_SIGNED_IN')
  const run = await operator.call(runRoutes.launch, { body: { ...body, selector: 'sim-1' } })
  const params = { id: run.id }
  for await (const _ of viewer.events(runRoutes.events, { params, query: {} }));
  expect((await operator.call(runRoutes.show, { params })).may).toEqual({
    abort: false,
    rerun: true,
  })
  expect((await viewer.call(runRoutes.show, { params })).may).toEqual({
    abort: false,
    rerun: false,
  })
  expect(await codeOf(viewer.call(runRoutes.rerun, { params, body: { which: 'all' } }))).toBe(
    'FORBIDDEN',
  )
})

test('an operator steers what somebody else launched only where the grants cover all of it', async () => {
  const { admin, operator } = server
  const wide = await admin.call(runRoutes.launch, { body: { ...body, selector: 'sim-1 sim-3' } })
  const narrow = await admin.call(runRoutes.launch, { body: { ...body, selector: 'sim-1' } })
  for (const { id } of [wide, narrow]) {
    for await (const _ of admin.events(runRoutes.events, { params: { id }, query: {} }));
  }
  const mayRerun = async (id: string) =>
    (await operator.call(runRoutes.show, { params: { id } })).may.rerun
  expect([await mayRerun(wide.id), await mayRerun(narrow.id)]).toEqual([false, true])
  const again = (id: string) =>
    codeOf(operator.call(runRoutes.rerun, { params: { id }, body: { which: 'all' } }))
  expect([await again(wide.id), await again(narrow.id)]).toEqual(['GRANT_MISSING', 'fine'])
})

const misspelt: readonly [string, Readonly<Record<string, unknown>>, string][] = [
  ['in the body', { stratgy: { batches: '1' } }, '"stratgy"'],
  ['deeper in it', { strategy: { batch: '1', maxFailure: '1' } }, '"batch", "maxFailure"'],
]
test.each(misspelt)(
  'a key that is none %s is refused by name, and nothing runs',
  async (_, extra, named) => {
    const { items } = await server.admin.call(runRoutes.list, { query: {} })
    const wrong = { ...body, selector: 'env=test', ...extra }
    const error = await server.admin.call(runRoutes.launch, { body: wrong }).catch((it) => it)
    expect(error).toMatchObject({ status: 400, code: 'INPUT_INVALID' })
    expect(error.text.en).toContain(named)
    expect(error.text.zh).toContain(named)
    expect((await server.admin.call(runRoutes.list, { query: {} })).items).toHaveLength(
      items.length,
    )
  },
)

test('a filter that is none is refused instead of showing everything', async () => {
  const query: Record<string, string> = { sattus: 'failed' }
  expect(await codeOf(server.admin.call(runRoutes.list, { query }))).toBe('INPUT_INVALID')
})

test('parameters nested thousands of levels deep are refused, those of a person are not', async () => {
  const preview = (levels: number) => {
    const args = JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    const params = { ...body.params, args }
    return codeOf(
      server.admin.call(runRoutes.preview, { body: { ...body, params, selector: 'env=test' } }),
    )
  }
  expect(await preview(3000)).toBe('INPUT_INVALID')
  expect(await preview(50)).not.toBe('INPUT_INVALID')
})
