// What an import leaves to a person, and that nothing of it is decided for them.

import { hostRoutes } from '@omserver/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.close())

const base64 = (text: string) => Buffer.from(text).toString('base64')
const csv = '主机名,内网IP,负责人,资产编号\nweb-1,10.0.0.1,张三,A-1\n'
const labelsOf = async (name: string) =>
  (await server.admin.call(hostRoutes.show, { params: { id: name } })).labels

test('an unknown column is refused with its line, and nothing is imported, until somebody chooses', async () => {
  const body = { content: base64(csv), fileName: 'cmdb.csv' }
  const preview = await server.admin.call(hostRoutes.previewImport, { body })
  expect(preview.problems).toMatchObject([
    { line: 1, column: 3, code: 'HOSTS_FILE_COLUMN' },
    { line: 1, column: 4, code: 'HOSTS_FILE_COLUMN' },
  ])
  expect(preview.unknown).toEqual([
    { column: '负责人', line: 1, samples: ['张三'], choice: 'refuse' },
    { column: '资产编号', line: 1, samples: ['A-1'], choice: 'refuse' },
  ])
  await expect(server.admin.call(hostRoutes.import, { body })).rejects.toMatchObject({
    code: 'HOSTS_FILE_PROBLEMS',
  })
  // One of two is not all of them.
  await expect(
    server.admin.call(hostRoutes.import, { body: { ...body, columns: { 负责人: 'label' } } }),
  ).rejects.toMatchObject({ code: 'HOSTS_FILE_PROBLEMS' })
  await expect(labelsOf('web-1')).rejects.toMatchObject({ code: 'HOST_UNKNOWN' })
  const chosen = { ...body, unknown: 'ignore' as const, columns: { 负责人: 'label' as const } }
  const seen = await server.admin.call(hostRoutes.previewImport, { body: chosen })
  expect(seen.unknown.map(({ choice }) => choice)).toEqual(['label', 'ignore'])
  await server.admin.call(hostRoutes.import, { body: chosen })
  expect(await labelsOf('web-1')).toEqual({ 负责人: '张三' })
})

test('an inventory says which of its variables are not taken', async () => {
  const content = base64('[web]\nweb-[1:2] ansible_host=10.0.0.5 ansible_user=deploy\n')
  const preview = await server.admin.call(hostRoutes.previewImport, {
    body: { content, fileName: 'hosts.ini' },
  })
  expect(preview.ignored).toEqual(['ansible_user'])
  // A range with one address for all of it is one machine under two names.
  expect(preview.shared).toEqual([{ address: '10.0.0.5', port: 22, names: ['web-1', 'web-2'] }])
})

test('one address under several names is told, in one list and beside the fleet; another port is another host', async () => {
  await server.admin.call(hostRoutes.add, { body: { name: 'old', address: '10.0.0.1' } })
  const content = base64(
    '10.0.0.1 new\n10.0.0.2 a\n10.0.0.2 b\n10.0.0.3:22 c\n10.0.0.3:2222 d\n10.0.0.4 e\n',
  )
  const body = { content, format: 'list' as const }
  const preview = await server.admin.call(hostRoutes.previewImport, { body })
  expect(preview.problems).toEqual([])
  expect(preview.shared).toEqual([
    { address: '10.0.0.1', port: 22, names: ['new', 'old'] },
    { address: '10.0.0.2', port: 22, names: ['a', 'b'] },
  ])
  // Worth a word, not wrong: two names of one machine may be meant.
  expect((await server.admin.call(hostRoutes.import, { body })).added).toBe(6)
})

test('a line cannot move the machine of the server to another address without saying how to reach that', async () => {
  const lines = (more: string) => ({
    content: base64(`hosts:\n  - { name: localhost, address: ${more} }\n`),
    fileName: 'hosts.yaml',
  })
  const preview = (more: string) =>
    server.admin.call(hostRoutes.previewImport, { body: lines(more) })
  expect((await preview('10.0.0.9')).problems).toMatchObject([{ line: 2, code: 'HOST_IS_SERVER' }])
  await expect(
    server.admin.call(hostRoutes.import, { body: lines('10.0.0.9') }),
  ).rejects.toMatchObject({ code: 'HOSTS_FILE_PROBLEMS' })
  // As every inventory of Ansible writes it.
  expect(await preview('localhost')).toMatchObject({ problems: [], same: 1 })
  expect((await preview('10.0.0.9, driver: ssh')).rows[0]?.changes).toEqual([
    { field: 'address', from: '127.0.0.1', to: '10.0.0.9' },
    { field: 'driver', from: 'local', to: 'ssh' },
  ])
})
