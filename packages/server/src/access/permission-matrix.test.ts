import { allRoutes, createClient, type Route, userRoutes } from '@omserver/api'
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

it('holds for every permission: some route needs it', () => {
  const needed = new Set(allRoutes.map(({ may }) => may))
  const unused = rolePermissions.admin.filter((permission) => !needed.has(permission))
  expect(unused).toEqual([])
})
