import {
  activityRoutes,
  authRoutes,
  type Client,
  createClient,
  hostRoutes,
  userRoutes,
} from '@omserver/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import { oneTimePassword, requireStrong } from './password.ts'

let test: TestServer
let admin: Client
beforeAll(async () => {
  test = await startTestServer()
  admin = test.admin
})
afterAll(() => test.close())

const password = 'a phrase of some length'
const add = (name: string, more: Partial<Parameters<typeof addUser>[0]> = {}) =>
  addUser({ name, role: 'operator', ...more })
const addUser = (body: {
  name: string
  role: 'admin' | 'operator' | 'viewer'
  password?: string
  teamIds?: string[]
  grants?: { modules: string[]; selector: string }[]
}) => admin.call(userRoutes.add, { body: { password, ...body } })

describe('users', () => {
  it('are added with grants and teams, and read back without any password', async () => {
    const team = await admin.call(userRoutes.addTeam, { body: { name: 'web 组' } })
    const user = await add('小王', {
      teamIds: [team.id],
      grants: [{ modules: ['service.*'], selector: ' idc=sz,app in (nginx,haproxy) ' }],
    })
    expect(user).toMatchObject({
      name: '小王',
      teamIds: [team.id],
      grants: [{ modules: ['service.*'], selector: 'idc=sz,app in (nginx,haproxy)' }],
      lastLoginAt: null,
    })
    expect(JSON.stringify(await admin.call(userRoutes.list, {}))).not.toMatch(
      /argon2|password(?:_hash)?":"|a phrase of some/i,
    )
  })

  it('have names of their own, also where they only look alike', async () => {
    await add('Mary')
    for (const name of ['Mary', 'mary', 'ＭＡＲＹ']) {
      await expect(add(name)).rejects.toMatchObject({
        code: 'USER_EXISTS',
        details: { user: name },
      })
    }
  })

  it('need a password that is not weak, and keep the old one otherwise', async () => {
    await expect(add('weak', { password: 'short' })).rejects.toMatchObject({
      code: 'PASSWORD_WEAK',
      text: { zh: expect.stringContaining('至少需要 10 个字符') },
    })
    const { items } = await admin.call(userRoutes.list, {})
    expect(items.some(({ name }) => name === 'weak')).toBe(false)
  })

  it('may only be granted labels, and nothing is kept of a grant that is wrong', async () => {
    for (const selector of ['web-1', '10.0.0.0/8', '@saved']) {
      await expect(
        add('granted', { grants: [{ modules: ['*'], selector }] }),
      ).rejects.toMatchObject({ code: 'GRANT_SELECTOR' })
    }
    await expect(
      add('granted', { grants: [{ modules: ['*'], selector: 'idc in (' }] }),
    ).rejects.toMatchObject({ code: 'SELECTOR_SYNTAX' })
    await expect(
      add('granted', { grants: [{ modules: ['shell', 'nomodule'], selector: '*' }] }),
    ).rejects.toMatchObject({ code: 'GRANT_MODULE_UNKNOWN', details: { module: 'nomodule' } })
    await expect(add('granted', { teamIds: ['no-such-team'] })).rejects.toMatchObject({
      code: 'TEAM_UNKNOWN',
    })
    const { items } = await admin.call(userRoutes.list, {})
    expect(items.some(({ name }) => name === 'granted')).toBe(false)
  })

  it('change at once: a role taken away is away for the session that is open', async () => {
    const client = await test.signIn('promoted', 'admin')
    const me = await client.call(authRoutes.me, {})
    await admin.call(userRoutes.change, { params: { id: me.id }, body: { role: 'viewer' } })
    await expect(client.call(userRoutes.list, {})).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('lose their sessions when somebody else sets their password', async () => {
    const client = await test.signIn('forgetful', 'viewer')
    const me = await client.call(authRoutes.me, {})
    await admin.call(userRoutes.change, {
      params: { id: me.id },
      body: { password: 'another phrase of length' },
    })
    await expect(client.call(authRoutes.me, {})).rejects.toMatchObject({ status: 401 })
  })

  it('choose a password of their own before anything else, after each one an administrator set', async () => {
    const initial = 'written on a yellow note'
    const user = await add('newcomer', { role: 'viewer', password: initial })
    expect(user.mustChangePassword).toBe(true)
    const client = createClient({ baseUrl: test.url, keepCookies: true })
    const signIn = (given: string) =>
      client.call(authRoutes.login, { body: { name: 'newcomer', password: given } })
    const choose = (current: string, next: string) =>
      client.call(authRoutes.changePassword, { body: { current, next } })
    const hosts = () => client.call(hostRoutes.list, { query: {} })
    const refused = { code: 'MUST_CHANGE_PASSWORD', status: 403 }

    expect((await signIn(initial)).mustChangePassword).toBe(true)
    await expect(hosts()).rejects.toMatchObject(refused)
    const addToken = (name: string) =>
      client.call(userRoutes.addToken, { body: { name, expiresInDays: null } })
    await expect(addToken('om')).rejects.toMatchObject(refused)
    await choose(initial, 'known to nobody else')
    await hosts()
    const { token } = await addToken('ci')

    const reset = 'on another yellow note'
    const params = { id: user.id }
    await admin.call(userRoutes.change, { params, body: { password: reset } })
    expect((await signIn(reset)).mustChangePassword).toBe(true)
    await expect(hosts()).rejects.toMatchObject(refused)
    await expect(addToken('om')).rejects.toMatchObject(refused)
    const program = createClient({ baseUrl: test.url, token })
    await program.call(hostRoutes.list, { query: {} })
    await choose(reset, 'known to nobody else again')
    await hosts()
    // Made with a password of their own: programs that use it go on.
    await program.call(hostRoutes.list, { query: {} })
  })

  it('may set their own password as an administrator without being asked for another', async () => {
    const client = await test.signIn('self-made', 'admin')
    const { id } = await client.call(authRoutes.me, {})
    const password = 'a phrase that I chose'
    const after = await client.call(userRoutes.change, { params: { id }, body: { password } })
    expect(after.mustChangePassword).toBe(false)
  })

  it('leave with everything they had', async () => {
    const client = await test.signIn('leaver', 'operator', [{ modules: ['*'], selector: '*' }])
    const me = await client.call(authRoutes.me, {})
    await client.call(userRoutes.addToken, { body: { name: 'left', expiresInDays: null } })
    await admin.call(userRoutes.remove, { params: { id: me.id } })
    await expect(client.call(authRoutes.me, {})).rejects.toMatchObject({ status: 401 })
    const tokens = await admin.call(userRoutes.listTokens, {})
    expect(tokens.items.some(({ name }) => name === 'left')).toBe(false)
    await expect(admin.call(userRoutes.remove, { params: { id: me.id } })).rejects.toMatchObject({
      code: 'USER_UNKNOWN',
    })
  })
})

it('keeps one administrator: not demoted, disabled or removed', async () => {
  await using other = await startTestServer()
  const { items } = await other.admin.call(userRoutes.list, {})
  const params = { id: items.find(({ role }) => role === 'admin')?.id ?? '' }
  const attempts = [
    () => other.admin.call(userRoutes.change, { params, body: { role: 'operator' } }),
    () => other.admin.call(userRoutes.change, { params, body: { disabled: true } }),
    () => other.admin.call(userRoutes.remove, { params }),
  ]
  for (const attempt of attempts) {
    await expect(attempt()).rejects.toMatchObject({
      code: 'LAST_ADMIN',
      details: { user: 'admin' },
    })
  }
  const second = await other.signIn('second', 'admin')
  await second.call(userRoutes.change, { params, body: { disabled: true } })
  const me = await second.call(authRoutes.me, {})
  await expect(second.call(userRoutes.remove, { params: { id: me.id } })).rejects.toMatchObject({
    code: 'LAST_ADMIN',
  })
})

it('leaves one administrator when two demote each other at the same time', async () => {
  await using other = await startTestServer()
  const second = await other.signIn('second', 'admin')
  const pair = [other.admin, second] as const
  const [first, last] = await Promise.all(pair.map((client) => client.call(authRoutes.me, {})))
  const demote = (client: Client, id = '') =>
    client.call(userRoutes.change, { params: { id }, body: { role: 'viewer' } })
  await Promise.allSettled([demote(other.admin, last?.id), demote(second, first?.id)])
  const after = await Promise.all(pair.map((client) => client.call(authRoutes.me, {})))
  expect(after.map(({ role }) => role).toSorted()).toEqual(['admin', 'viewer'])
})

describe('teams', () => {
  it('give their grants to every member, as long as they are one', async () => {
    const client = await test.signIn('member', 'operator')
    const me = await client.call(authRoutes.me, {})
    expect(me.grants).toEqual([])
    const team = await admin.call(userRoutes.addTeam, {
      body: {
        name: 'db',
        memberIds: [me.id],
        grants: [{ modules: ['shell'], selector: 'app=mysql' }],
      },
    })
    expect((await client.call(authRoutes.me, {})).grants).toMatchObject([
      { modules: ['shell'], selector: 'app=mysql' },
    ])
    await admin.call(userRoutes.changeTeam, { params: { id: team.id }, body: { memberIds: [] } })
    expect((await client.call(authRoutes.me, {})).grants).toEqual([])
    await admin.call(userRoutes.changeTeam, {
      params: { id: team.id },
      body: { memberIds: [me.id] },
    })
    await admin.call(userRoutes.removeTeam, { params: { id: team.id } })
    expect((await client.call(authRoutes.me, {})).grants).toEqual([])
  })

  it('may only be granted labels: a group is something an operator may change', async () => {
    await admin.call(hostRoutes.addGroup, { body: { name: 'mine', selector: 'app=nginx' } })
    const { id } = await admin.call(userRoutes.addTeam, { body: { name: 'labels only' } })
    for (const selector of ['@mine', 'app=nginx @mine', '* !@mine', 'web-1', 'web-*']) {
      const grants = [{ modules: ['*'], selector }]
      for (const attempt of [
        () => admin.call(userRoutes.addTeam, { body: { name: 'by group', grants } }),
        () => admin.call(userRoutes.changeTeam, { params: { id }, body: { grants } }),
      ]) {
        await expect(attempt(), selector).rejects.toMatchObject({ code: 'GRANT_SELECTOR' })
      }
    }
    const { items } = await admin.call(userRoutes.listTeams, {})
    expect(items.find((team) => team.id === id)?.grants).toEqual([])
  })

  it('have names of their own', async () => {
    const one = await admin.call(userRoutes.addTeam, { body: { name: 'one' } })
    const two = await admin.call(userRoutes.addTeam, { body: { name: 'two' } })
    await expect(
      admin.call(userRoutes.changeTeam, { params: { id: two.id }, body: { name: 'one' } }),
    ).rejects.toMatchObject({ code: 'TEAM_EXISTS' })
    const same = await admin.call(userRoutes.changeTeam, {
      params: { id: one.id },
      body: { name: 'one' },
    })
    expect(same.name).toBe('one')
    await expect(
      admin.call(userRoutes.addTeam, { body: { name: 'three', memberIds: ['nobody'] } }),
    ).rejects.toMatchObject({ code: 'USER_UNKNOWN' })
  })
})

it('writes down who changed whom, before and after, without secrets', async () => {
  const user = await add('watched')
  await admin.call(userRoutes.change, {
    params: { id: user.id },
    body: { role: 'viewer', password: 'quite another phrase' },
  })
  const log = await admin.call(activityRoutes.list, { query: { what: 'users', text: 'watched' } })
  expect(log.items.map(({ what }) => what)).toEqual(['users.change', 'users.add'])
  expect(log.items[0]).toMatchObject({
    actorName: 'admin',
    via: 'session',
    before: { role: 'operator' },
    after: { role: 'viewer', password: '***' },
  })
  expect(JSON.stringify(log)).not.toContain('quite another')
})

describe('passwords', () => {
  it('are measured by length, not by kinds of signs', () => {
    const fine = ['correct horse battery', '一二三四五六七八九十', 'sunflower-42', 'xkqzjwvbnm']
    for (const good of fine) requireStrong(good, 'admin')
    const weak = [
      '',
      '123456789',
      '12345678901',
      'aaaaaaaaaaaaa',
      'qwertyuiop',
      'administrator1',
      'zyxwvutsrq',
    ]
    for (const bad of weak)
      expect(() => requireStrong(bad, 'administrator'), bad).toThrow('PASSWORD_WEAK')
  })

  it('made here are strong and never the same', () => {
    const made = Array.from({ length: 100 }, oneTimePassword)
    for (const one of made) requireStrong(one, 'admin')
    expect(new Set(made).size).toBe(100)
  })
})
