import { hostRoutes, moduleRoutes, runRoutes } from '@omserver/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const text = (en: string) => ({ zh: en, en })
const input = {
  name: 'app.clean',
  title: text('Clean up'),
  summary: text('Removes old files'),
  fields: [
    { name: 'folder', kind: 'text' as const, title: text('Folder'), required: true },
    { name: 'token', kind: 'secret' as const, title: text('Token'), required: true },
  ],
  script: { interpreter: 'sh' as const, content: 'clean {{folder}} {{token}}\n' },
}

let server: TestServer
let id: string

beforeEach(async () => {
  server = await startTestServer()
  for (const name of ['web-1', 'web-2']) {
    const body = { name, address: '192.0.2.1', driver: 'sim' as const, labels: { app: 'nginx' } }
    await server.admin.call(hostRoutes.add, { body })
  }
  id = (await server.admin.call(moduleRoutes.addCustom, { body: input })).id
})
afterEach(() => server.close())

const params = { folder: "it's; reboot", token: 'very secret' }

test('a draft runs on one host for who writes it, its secret nowhere to be read, and on no fleet', async () => {
  const tried = await server.admin.call(moduleRoutes.tryCustom, {
    params: { id },
    body: { version: 1, host: 'web-2', params },
  })
  const run = await server.admin.call(runRoutes.show, { params: { id: tried.run } })
  expect(run).toMatchObject({ total: 1, selector: 'web-2', params: { token: '***' } })
  expect(run.moduleTitle.en).toBe('Clean up (version 1 on trial)')
  expect(JSON.stringify(run)).not.toContain(params.token)
  const launch = { module: 'app.clean', params, selector: 'app=nginx' }
  await expect(server.admin.call(runRoutes.launch, { body: launch })).rejects.toMatchObject({
    code: 'MODULE_UNKNOWN',
  })
  await expect(
    server.operator.call(moduleRoutes.tryCustom, {
      params: { id },
      body: { version: 1, host: 'web-2', params },
    }),
  ).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test.each([
  ['a version that was never saved', { version: 2 }, 'VERSION_UNKNOWN'],
  ['a host that is none', { host: 'app=nginx' }, 'HOST_UNKNOWN'],
  ['parameters that are missing', { params: { folder: 'x' } }, 'PARAMS_INVALID'],
])('%s is refused and nothing runs', async (_, change, code) => {
  const body = { version: 1, host: 'web-1', params, ...change }
  await expect(
    server.admin.call(moduleRoutes.tryCustom, { params: { id }, body }),
  ).rejects.toMatchObject({ code })
  expect((await server.admin.call(runRoutes.list, { query: {} })).items).toEqual([])
})

test('what is in the editor is previewed as it will run, secrets as references', async () => {
  const { preview } = await server.admin.call(moduleRoutes.previewCustom, {
    body: { module: input, params },
  })
  expect(preview).toContain(`'it'\\''s; reboot'`)
  expect(preview).not.toContain(params.token)
  const { problems } = await server.admin.call(moduleRoutes.previewCustom, {
    body: { module: input, params: { folder: 'x' } },
  })
  expect(problems).toMatchObject([{ field: 'token' }])
})
