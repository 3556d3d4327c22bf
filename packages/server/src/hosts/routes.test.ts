// Hosts, credentials and trust over HTTP: answers as the contract declares them (the server compares), who may call.

import { credentialRoutes, hostRoutes, trustRoutes } from '@omserver/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const code = (of: Promise<unknown>): Promise<string> =>
  of.then(
    () => 'fine',
    (error: { readonly code: string }) => error.code,
  )

it('a fleet is made, read, changed and taken apart', async () => {
  const { admin } = server
  const credential = await admin.call(credentialRoutes.add, {
    body: { name: 'fleet', type: 'ssh-key', user: 'root', generate: true },
  })
  expect(credential).not.toHaveProperty('key')
  const host = await admin.call(hostRoutes.add, {
    body: { name: 'web-1', address: '10.0.0.1', credential: 'fleet', labels: { idc: 'sz' } },
  })
  expect(await admin.call(hostRoutes.show, { params: { id: 'web-1' } })).toEqual(host)
  expect(
    await admin.call(hostRoutes.change, { params: { id: host.id }, body: { port: 2222 } }),
  ).toMatchObject({
    port: 2222,
    labels: { idc: 'sz' },
    credentialName: 'fleet',
  })
  expect(await admin.call(hostRoutes.demo, { body: { hosts: 20 } })).toEqual({
    added: 20,
    removed: 0,
  })
  const { rev, items } = await admin.call(hostRoutes.brief, {})
  expect([items.length, items.at(-1)?.name, rev > 0]).toEqual([22, 'web-1', true])
  expect(
    (await admin.call(hostRoutes.list, { query: { limit: 5, text: 'nginx' } })).total,
  ).toBeGreaterThan(0)
  expect((await admin.call(hostRoutes.labels, {})).items.map(({ name }) => name)).toContain(
    'business',
  )
  expect(await admin.call(hostRoutes.resolve, { body: { selector: 'demo=yes x' } })).toMatchObject({
    total: 20,
    unknown: ['x'],
  })
  expect(
    await admin.call(hostRoutes.setLabels, {
      body: { selector: 'web-1', set: { env: 'prod', idc: null } },
    }),
  ).toEqual({ changed: 1 })
  const group = await admin.call(hostRoutes.addGroup, {
    body: { name: 'demo', selector: 'demo=yes' },
  })
  expect(group.hosts).toBe(20)
  await admin.call(hostRoutes.changeGroup, { params: { id: group.id }, body: { selector: '*' } })
  expect((await admin.call(hostRoutes.listGroups, {})).items).toMatchObject([{ hosts: 22 }])
  await admin.call(hostRoutes.removeGroup, { params: { id: group.id } })
  const content = Buffer.from('web-2 10.0.0.2\nweb-1 10.0.0.1\n').toString('base64')
  const preview = await admin.call(hostRoutes.previewImport, { body: { content, format: 'list' } })
  expect(preview).toMatchObject({ format: 'list', add: 1, same: 1, problems: [] })
  expect(await admin.call(hostRoutes.import, { body: { content, format: 'list' } })).toEqual({
    added: 1,
    updated: 0,
    same: 1,
  })
  expect(
    await code(
      admin.call(hostRoutes.acceptKey, { params: { id: 'web-1' }, body: { fingerprint: 'x' } }),
    ),
  ).toBe('HOST_KEY_NOT_CHANGED')
  expect(await code(admin.call(credentialRoutes.remove, { params: { id: credential.id } }))).toBe(
    'CREDENTIAL_IN_USE',
  )
  expect(await admin.call(hostRoutes.remove, { body: { selector: 'web-*', count: 2 } })).toEqual({
    removed: 2,
  })
  expect((await admin.call(credentialRoutes.list, {})).items).toMatchObject([
    { name: 'fleet', hosts: 0 },
  ])
  await admin.call(credentialRoutes.change, {
    params: { id: credential.id },
    body: { name: 'fleet-2' },
  })
  expect(await admin.call(credentialRoutes.remove, { params: { id: credential.id } })).toEqual({
    ok: true,
  })
})

it('bad input names its culprit in both languages', async () => {
  const { admin } = server
  const refused = await admin
    .call(hostRoutes.add, { body: { name: 'a,b', address: '10.0.0.1' } })
    .catch((error) => error)
  expect(refused).toMatchObject({ code: 'HOST_NAME_BAD', status: 400 })
  expect(refused.text.zh).toContain('a,b')
  expect(refused.text.en).toContain('a,b')
  const user = { name: 'x', type: 'password', password: 'y' } as const
  expect(await code(admin.call(credentialRoutes.add, { body: { ...user, user: 'a b' } }))).toBe(
    'INPUT_INVALID',
  )
  const key = await admin
    .call(credentialRoutes.add, {
      body: { name: 'x', type: 'ssh-key', user: 'root', key: 'ssh-rsa AAAA' },
    })
    .catch((error) => error)
  expect(key.text).toEqual({
    zh: expect.stringContaining('这是公钥'),
    en: expect.stringContaining('the public half'),
  })
})

it('who may not, does not', async () => {
  const { viewer, operator, stranger } = server
  const host = { body: { name: 'n', address: '10.0.0.1' } }
  expect(await code(viewer.call(hostRoutes.add, host))).toBe('FORBIDDEN')
  expect(await code(operator.call(hostRoutes.add, host))).toBe('FORBIDDEN')
  expect(await code(stranger.call(hostRoutes.brief, {}))).toBe('NOT_SIGNED_IN')
  expect(await code(viewer.call(credentialRoutes.list, {}))).toBe('FORBIDDEN')
  expect(await code(viewer.call(hostRoutes.brief, {}))).toBe('fine')
  const trust = { body: { selector: '*', credential: 'x', user: 'root', password: 'x' } }
  expect(await code(operator.call(trustRoutes.establish, trust))).toBe('FORBIDDEN')
})

it('localhost is there from the first start and does not come back', async () => {
  const { admin } = server
  expect((await admin.call(hostRoutes.show, { params: { id: 'localhost' } })).driver).toBe('local')
  await admin.call(hostRoutes.remove, { body: { selector: 'localhost', count: 1 } })
  server = await server.restart()
  const shown = server.admin.call(hostRoutes.show, { params: { id: 'localhost' } })
  expect(await code(shown)).toBe('HOST_UNKNOWN')
})
