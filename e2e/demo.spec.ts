// The simulated fleet answers every module that only reads: what somebody tries it with on the first day.

import { moduleRoutes, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OmServer, startOmServer } from './support/omserver.ts'

let server: OmServer

beforeAll(async () => {
  server = await startOmServer()
  expect((await server.om(['demo', '--hosts', '30'])).code).toBe(0)
})
afterAll(() => server?.remove())

/** For modules that want to be told something. */
const params: Readonly<Record<string, readonly string[]>> = {
  'package.version': ['packages=["openssl","nginx"]'],
  'service.status': ['service=nginx'],
}

test('each module with a table gives rows on simulated hosts', async () => {
  const client = await server.client()
  const { items } = await client.call(moduleRoutes.list, {})
  const empty: string[] = []
  for (const { name, table } of items) {
    if (table === undefined) continue
    const given = (params[name] ?? []).flatMap((pair) => ['-p', pair])
    const run = await server.om(['run', name, '-t', 'idc=bj', '--json', '--yes', ...given])
    const ended = run.events().at(-1)
    const { rows } = await client.call(runRoutes.table, {
      params: { id: String(ended?.['id']) },
      query: { limit: 500 },
    })
    // Somebody is logged in on one host of four.
    if (rows.length === 0) empty.push(name)
  }
  expect(empty).toEqual([])
})

test('a smaller fleet is a deletion: it is asked for, or changes nothing', async () => {
  const hosts = async () =>
    (await server.om(['hosts', 'list', '-t', 'demo=yes', '--json'])).json<{ items: unknown[] }>()
      .items.length
  const refused = await server.om(['demo', '--hosts', '3'])
  expect(refused.stderr).toContain('--yes')
  expect(refused.code).toBe(2)
  expect(await hosts()).toBe(30)
  const smaller = await server.om(['demo', '--hosts', '3', '--yes'])
  expect(smaller.stdout).toContain('27 removed')
  expect(smaller.stdout).toContain('run system.uptime')
  const none = await server.om(['demo', '--hosts', '0', '--yes'])
  expect(none.stdout).toContain('3 removed')
  expect(none.stdout).not.toContain('run system.uptime')
})
