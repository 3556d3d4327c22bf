import {
  allRoutes,
  createClient,
  hostRoutes,
  type Route,
  runRoutes,
  trustRoutes,
  userRoutes,
} from '@omserver/api'
import { type Permission, rolePermissions, roles } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let test: TestServer
const tokens = new Map<string, string>()

beforeAll(async () => {
  test = await startTestServer()
  const clients = {
    admin: test.admin,
    operator: test.operator,
    viewer: test.viewer,
    operatorWithoutGrant: await test.signIn('ungranted', 'operator'),
  }
  for (const [name, client] of Object.entries(clients)) {
    const { token } = await client.call(userRoutes.addToken, {
      body: { name: 'matrix', expiresInDays: null },
    })
    tokens.set(name, token)
  }
})
afterAll(() => test.close())

/** Asks with ids that nothing has and an empty body: who may not is told so before that matters. */
const ask = async (route: Route, token: string | undefined): Promise<string> => {
  const url = createClient({ baseUrl: test.url }).url(route, {
    params: Object.fromEntries([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => [name, '0'])),
  } as never)
  const response = await fetch(url, {
    method: route.method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(route.body ? { 'content-type': 'application/json' } : {}),
    },
    ...(route.body ? { body: '{"matrix":true}' } : {}),
  })
  if (response.ok) {
    await response.body?.cancel()
    return 'allowed'
  }
  const { error } = (await response.json()) as { error: { code: string } }
  return error.code
}

const refusals = new Set(['NOT_FOUND', 'NOT_SIGNED_IN', 'FORBIDDEN', 'GRANT_MISSING', 'CSRF'])

describe.each(allRoutes.map((route) => [route.id, route] as const))('%s', (_, route) => {
  it('lets in nobody who has not signed in, unless it is public', async () => {
    const answer = await ask(route, undefined)
    if (route.may === 'public') expect(refusals).not.toContain(answer)
    else expect(answer).toBe('NOT_SIGNED_IN')
  })

  it.each([...roles, 'operatorWithoutGrant'] as const)('%s', async (who) => {
    const role = who === 'operatorWithoutGrant' ? 'operator' : who
    const { may } = route
    const allowed =
      may === 'public' ||
      may === 'signedIn' ||
      rolePermissions[role].some((permission: Permission) => permission === may)
    const answer = await ask(route, tokens.get(who))
    if (allowed) expect(refusals).not.toContain(answer)
    else expect(answer).toBe('FORBIDDEN')
  })
})

describe('grants', () => {
  const client = (who: string) => createClient({ baseUrl: test.url, token: tokens.get(who) })
  const selector = 'granted-1'
  const launch = (who: string) =>
    client(who).call(runRoutes.launch, {
      body: { module: 'shell', params: { command: 'true' }, selector },
    })

  beforeAll(async () => {
    await test.admin.call(hostRoutes.add, {
      body: { name: selector, address: '192.0.2.1', driver: 'sim', labels: { idc: 'sz' } },
    })
  })

  it('decide who may launch, steer and repeat a run, besides the role', async () => {
    const refused = { code: 'GRANT_MISSING', status: 403 }
    const { id } = await launch('operator')
    const params = { id }
    const steps = [
      () => launch('operatorWithoutGrant'),
      () => client('operatorWithoutGrant').call(runRoutes.abort, { params }),
      () => client('operatorWithoutGrant').call(trustRoutes.check, { body: { selector } }),
    ]
    for (const step of steps) await expect(step()).rejects.toMatchObject(refused)
    await expect(launch('viewer')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await client('operator').call(runRoutes.abort, { params })
    for await (const { data } of client('operator').events(runRoutes.events, { params })) {
      if (data.type === 'run.ended') expect(data.status).toBe('aborted')
    }
    const rerun = (who: string) =>
      client(who).call(runRoutes.rerun, { params, body: { which: 'all' } })
    await expect(rerun('operatorWithoutGrant')).rejects.toMatchObject(refused)
    expect(await rerun('operator')).toMatchObject({ rerunOf: id })
    expect(await launch('admin')).toMatchObject({ total: 1 })
  })

  it('are told before the launch, in the preview', async () => {
    const preview = (who: string) =>
      client(who).call(runRoutes.preview, {
        body: { module: 'shell', params: { command: 'true' }, selector },
      })
    expect((await preview('operator')).refused).toBeNull()
    expect((await preview('operatorWithoutGrant')).refused?.en).toContain('granted-1')
  })
})

it('holds for every permission: some route needs it', () => {
  const needed = new Set(allRoutes.map(({ may }) => may))
  const unused = rolePermissions.admin.filter((permission) => !needed.has(permission))
  expect(unused).toEqual([])
})
