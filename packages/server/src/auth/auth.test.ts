import {
  ApiError,
  activityRoutes,
  authRoutes,
  createClient,
  settingsRoutes,
  userRoutes,
} from '@omserver/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'
import { isStored } from '../testing/test-database.ts'
import { adminPassword, startTestServer, type TestServer } from '../testing/test-server.ts'

const HOUR = 3_600_000

describe('sessions and tokens', () => {
  let test: TestServer
  let clock: ManualClock
  beforeEach(async () => {
    clock = manualClock()
    test = await startTestServer({ clock })
  })
  afterEach(() => test.close())

  const login = (name: string, password: string) =>
    fetch(`${test.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    })

  it('gives the browser a cookie no script can read, and keeps only its hash', async () => {
    const response = await login('admin', adminPassword)
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^om_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    const token = /=([\w-]{43});/.exec(cookie)?.[1] ?? ''
    expect(await isStored(test.dataDir, token)).toBe(false)
    expect(await response.json()).toMatchObject({ name: 'admin', mustChangePassword: false })
  })

  it('slides while it is used, and ends when it is not', async () => {
    const client = await test.signIn('admin2', 'admin')
    clock.advance(8 * HOUR)
    await client.call(authRoutes.me, {})
    clock.advance(8 * HOUR)
    await client.call(authRoutes.me, {})
    clock.advance(12 * HOUR)
    await expect(client.call(authRoutes.me, {})).rejects.toMatchObject({
      code: 'SESSION_EXPIRED',
      status: 401,
    })
  })

  it('is over after signing out, also for whoever kept the cookie', async () => {
    const response = await login('admin', adminPassword)
    const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
    const { csrf } = (await response.json()) as { csrf: string }
    const call = (path: string, method: string) =>
      fetch(test.url + path, { method, headers: { cookie, 'x-om-csrf': csrf } })
    expect((await call('/api/auth/me', 'GET')).status).toBe(200)
    const out = await call('/api/auth/logout', 'POST')
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await call('/api/auth/me', 'GET')).status).toBe(401)
  })

  it('works by token: without CSRF, until it expires or is revoked', async () => {
    const admin = await test.signIn('admin3', 'admin')
    const added = await admin.call(userRoutes.addToken, { body: { name: 'ci', expiresInDays: 1 } })
    expect(added.token).toMatch(/^om_[0-9A-Za-z]{43}$/)
    const client = createClient({ baseUrl: test.url, token: added.token })
    expect(await client.call(authRoutes.me, {})).toMatchObject({ name: 'admin3', csrf: null })
    const forever = await client.call(userRoutes.addToken, {
      body: { name: 'x', expiresInDays: null },
    })
    const { items } = await client.call(userRoutes.listTokens, {})
    expect(items.find(({ id }) => id === added.id)?.lastUsedAt).toBe(clock.now())
    clock.advance(24 * HOUR)
    await expect(client.call(authRoutes.me, {})).rejects.toMatchObject({ code: 'TOKEN_BAD' })
    const other = createClient({ baseUrl: test.url, token: forever.token })
    await other.call(authRoutes.me, {})
    await other.call(userRoutes.removeToken, { params: { id: forever.id } })
    await expect(other.call(authRoutes.me, {})).rejects.toMatchObject({ code: 'TOKEN_BAD' })
  })

  it('shows tokens to their owner and to administrators, and lets no other revoke them', async () => {
    const admin = await test.signIn('admin4', 'admin')
    const viewer = await test.signIn('viewer2', 'viewer')
    const mine = await admin.call(userRoutes.addToken, {
      body: { name: 'mine', expiresInDays: null },
    })
    const theirs = await viewer.call(userRoutes.addToken, {
      body: { name: 'v', expiresInDays: null },
    })
    const seen = await viewer.call(userRoutes.listTokens, {})
    expect(seen.items.map(({ name }) => name)).toEqual(['v'])
    await expect(
      viewer.call(userRoutes.removeToken, { params: { id: mine.id } }),
    ).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
    await admin.call(userRoutes.removeToken, { params: { id: theirs.id } })
  })

  it('refuses what is no token', async () => {
    for (const authorization of ['Bearer om_wrong', 'Bearer', 'Basic YTpi', '']) {
      const response = await fetch(`${test.url}/api/auth/me`, { headers: { authorization } })
      expect(response.status).toBe(401)
    }
  })
})

describe('guessing', () => {
  let test: TestServer
  let clock: ManualClock
  beforeEach(async () => {
    clock = manualClock()
    test = await startTestServer({ clock })
  })
  afterEach(() => test.close())

  const attempt = async (name: string, password: string): Promise<ApiError | undefined> =>
    createClient({ baseUrl: test.url, keepCookies: true })
      .call(authRoutes.login, { body: { name, password } })
      .then(
        () => undefined,
        (error: unknown) => (error instanceof ApiError ? error : Promise.reject(error)),
      )

  it('answers an unknown name and a wrong password alike', async () => {
    const wrong = await attempt('viewer', 'nonsense')
    const unknown = await attempt('nobody-of-that-name', 'nonsense')
    expect(wrong).toMatchObject({ code: 'LOGIN_WRONG', status: 401 })
    expect({ ...unknown, stack: '' }).toEqual({ ...wrong, stack: '' })
  })

  it('costs more time with each failure, also with the right password, and forgives after it', async () => {
    for (let n = 0; n < 6; n += 1) {
      expect((await attempt('viewer', 'wrong'))?.code).toBe('LOGIN_WRONG')
    }
    expect(await attempt('viewer', 'staple of the stable')).toMatchObject({
      code: 'LOGIN_THROTTLED',
      status: 429,
      details: { seconds: 1 },
    })
    clock.advance(1000)
    expect((await attempt('viewer', 'wrong'))?.code).toBe('LOGIN_WRONG')
    expect((await attempt('viewer', 'wrong'))?.details).toEqual({ seconds: 2 })
    clock.advance(2000)
    expect(await attempt('viewer', 'staple of the stable')).toBeUndefined()
    expect((await attempt('viewer', 'wrong'))?.code).toBe('LOGIN_WRONG')
  })

  it('counts tries made at once', async () => {
    const codes = await Promise.all(
      Array.from({ length: 12 }, async () => (await attempt('viewer', 'wrong'))?.code),
    )
    expect(codes.filter((code) => code === 'LOGIN_WRONG')).toHaveLength(6)
  })

  it('throttles an address that tries one name after the other', async () => {
    let tried = 0
    while ((await attempt(`name-${tried}`, 'wrong'))?.code === 'LOGIN_WRONG') tried += 1
    expect(tried).toBe(21)
  })

  it('tells of a disabled user only who knows the password, and lets nobody go on', async () => {
    const { items } = await test.admin.call(userRoutes.list, {})
    const viewer = items.find(({ name }) => name === 'viewer')
    const token = await test.viewer.call(userRoutes.addToken, {
      body: { name: 't', expiresInDays: null },
    })
    const byToken = createClient({ baseUrl: test.url, token: token.token })
    await test.admin.call(userRoutes.change, {
      params: { id: viewer?.id ?? '' },
      body: { disabled: true },
    })
    await expect(test.viewer.call(authRoutes.me, {})).rejects.toMatchObject({ status: 401 })
    await expect(byToken.call(authRoutes.me, {})).rejects.toMatchObject({ code: 'TOKEN_BAD' })
    expect((await attempt('viewer', 'wrong'))?.code).toBe('LOGIN_WRONG')
    expect((await attempt('viewer', 'staple of the stable'))?.code).toBe('USER_DISABLED')
  })

  it('stands in the activity log, without the password', async () => {
    await attempt('viewer', 'my-secret-guess')
    const log = await test.admin.call(activityRoutes.list, { query: { what: 'login.failed' } })
    expect(log.items).toMatchObject([{ actorName: 'viewer', actorId: null, from: '127.0.0.1' }])
    expect(JSON.stringify(log)).not.toContain('my-secret-guess')
  })
})

describe('the first password', () => {
  it('is made here, works once: to choose another one', async () => {
    const test = await startTestServerUnclaimed()
    const { firstAdmin } = test.server
    expect(firstAdmin).toMatchObject({ name: 'admin' })
    const password = firstAdmin?.password ?? ''
    expect(password).toMatch(/^(\w{4}-){3}\w{4}$/)
    const client = createClient({ baseUrl: test.url, keepCookies: true })
    const me = await client.call(authRoutes.login, { body: { name: 'admin', password } })
    expect(me.mustChangePassword).toBe(true)
    for (const call of [
      () => client.call(settingsRoutes.read, {}),
      () => client.call(userRoutes.list, {}),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'MUST_CHANGE_PASSWORD', status: 403 })
    }
    // `om login` on the terminal where the password was printed: the token works, the page still insists.
    const { token } = await client.call(userRoutes.addToken, {
      body: { name: 'om', expiresInDays: 1 },
    })
    const terminal = createClient({ baseUrl: test.url, token })
    expect((await terminal.call(userRoutes.list, {})).items).toHaveLength(1)
    const change = (next: string) =>
      client.call(authRoutes.changePassword, { body: { current: password, next } })
    await expect(change('short')).rejects.toMatchObject({ code: 'PASSWORD_WEAK' })
    await change('a much better phrase')
    expect(await client.call(authRoutes.me, {})).toMatchObject({ mustChangePassword: false })
    await client.call(settingsRoutes.read, {})
    // Whoever else read the first password off the screen has lost what they made with it.
    await expect(terminal.call(authRoutes.me, {})).rejects.toMatchObject({ code: 'TOKEN_BAD' })
    await expect(
      createClient({ baseUrl: test.url, keepCookies: true }).call(authRoutes.login, {
        body: { name: 'admin', password },
      }),
    ).rejects.toMatchObject({ code: 'LOGIN_WRONG' })
    await test.close()
  })

  it('is made anew at every start until somebody has signed in', async () => {
    const first = await startTestServerUnclaimed()
    const second = await first.restart()
    const [old, fresh] = [first.server.firstAdmin?.password, second.server.firstAdmin?.password]
    expect(fresh).not.toBe(old)
    const client = createClient({ baseUrl: second.url, keepCookies: true })
    await expect(
      client.call(authRoutes.login, { body: { name: 'admin', password: old ?? '' } }),
    ).rejects.toMatchObject({ code: 'LOGIN_WRONG' })
    await client.call(authRoutes.login, { body: { name: 'admin', password: fresh ?? '' } })
    const third = await second.restart()
    expect(third.server.firstAdmin).toBeUndefined()
    await third.close()
  })

  it('may be given after one was made, while nobody has signed in', async () => {
    const first = await startTestServerUnclaimed()
    await first.server.close()
    const second = await startTestServer({
      dataDir: first.dataDir,
      engine: first.engine,
      adminPassword: 'given afterwards',
    })
    expect(await second.admin.call(authRoutes.me, {})).toMatchObject({ mustChangePassword: false })
    await second.close()
  })

  it('is refused when the one given is too weak, and nobody can sign in with it', async () => {
    await expect(startTestServer({ adminPassword: 'x' })).rejects.toMatchObject({
      code: 'PASSWORD_WEAK',
    })
  })

  it('may be given, and then need not be changed', async () => {
    const test = await startTestServer({ adminPassword: 'given by the environment' })
    expect(test.server.firstAdmin).toEqual({ name: 'admin', password: undefined })
    expect(await test.admin.call(authRoutes.me, {})).toMatchObject({ mustChangePassword: false })
    await test.close()
  })
})

describe('changing a password', () => {
  it('takes the present one, and ends every other session', async () => {
    const test = await startTestServer()
    const elsewhere = await test.signIn('viewer', 'viewer')
    const change = (current: string, next: string) =>
      test.viewer.call(authRoutes.changePassword, { body: { current, next } })
    await expect(change('wrong', 'a much better phrase')).rejects.toMatchObject({
      code: 'LOGIN_WRONG',
    })
    await change('staple of the stable', 'a much better phrase')
    await test.viewer.call(authRoutes.me, {})
    await expect(elsewhere.call(authRoutes.me, {})).rejects.toMatchObject({ status: 401 })
    await test.close()
  })
})

const startTestServerUnclaimed = () => startTestServer({ unclaimed: true })
