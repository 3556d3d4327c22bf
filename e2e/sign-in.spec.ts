// Signing in against a real server: the one-time password, sessions that end, tokens, forged requests, guessing.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { authRoutes, createClient, userRoutes } from '@omserver/api'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { ADMIN, type OmServer, PASSWORD, runOm, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'

const INITIAL = 'written on a yellow note'
const OWN = 'known to nobody else at all'
let server: OmServer
let browser: Browser | undefined
let home: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'om-e2e-sign-in-'))
  server = await startOmServer()
  if (missingTools(['chromium']).length === 0) browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  if (home) rmSync(home, { recursive: true, force: true })
})

const newUser = async (name: string, role = 'viewer'): Promise<void> => {
  const words = ['users', 'add', name, '--role', role, '--password-stdin']
  expect((await server.om(words, { input: INITIAL })).code).toBe(0)
}

const newPage = async (): Promise<{ page: Page; problems: readonly string[] }> => {
  if (!browser) throw new Error('there is no browser')
  const context = await openContext(browser, { ...desktop, lang: 'en', theme: 'light' })
  const page = await context.newPage()
  return { page, problems: await watchPage(page) }
}

/** A session as a browser holds it. */
const session = async (name = ADMIN, password = PASSWORD, at = server.url) => {
  const response = await fetch(`${at}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  })
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  const me = (await response.json()) as { csrf: string; mustChangePassword: boolean }
  return { cookie, ...me }
}

const codeOf = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { error?: { code: string } }
  return `${response.status} ${error?.code ?? ''}`
}

describe('the one-time password of a first start', () => {
  test('lets in to choose another one and to nothing else, and is worth nothing afterwards', async () => {
    const first = await startOmServer({ login: false, env: { OM_ADMIN_PASSWORD: '' } })
    try {
      const password = /one-time password ((?:\w{4}-){3}\w{4})/.exec(first.printed())?.[1] ?? ''
      const { cookie, csrf, mustChangePassword } = await session(ADMIN, password, first.url)
      expect(mustChangePassword).toBe(true)
      const call = (method: string, path: string, body?: object) =>
        fetch(first.url + path, {
          method,
          headers: { cookie, 'x-om-csrf': csrf, 'content-type': 'application/json' },
          ...(body ? { body: JSON.stringify(body) } : {}),
        })
      for (const [method, path] of [
        ['GET', '/api/hosts'],
        ['GET', '/api/users'],
        ['GET', '/api/runs'],
        ['GET', '/api/settings'],
        ['PATCH', '/api/settings'],
        ['POST', '/api/hosts'],
        ['POST', '/api/runs'],
        ['POST', '/api/credentials'],
      ] as const) {
        const body = method === 'GET' ? undefined : {}
        expect(await codeOf(await call(method, path, body)), path).toBe('403 MUST_CHANGE_PASSWORD')
      }
      expect((await call('GET', '/api/auth/me')).status).toBe(200)

      // A terminal without a person: it works, says what is to be done, and ends with the password.
      const login = await first.om(['login', first.url, '--user', ADMIN, '--password-stdin'], {
        input: password,
      })
      expect(login.stderr).toContain('one-time password')
      expect((await first.om(['hosts', 'list'])).code).toBe(0)

      const weak = await call('POST', '/api/auth/password', { current: password, next: 'admin' })
      expect(await codeOf(weak)).toBe('400 PASSWORD_WEAK')
      const change = { current: password, next: OWN }
      expect((await call('POST', '/api/auth/password', change)).status).toBe(200)
      expect((await call('GET', '/api/hosts')).status).toBe(200)
      const again = createClient({ baseUrl: first.url, keepCookies: true })
      const body = { name: ADMIN, password }
      await expect(again.call(authRoutes.login, { body })).rejects.toMatchObject({
        code: 'LOGIN_WRONG',
      })
      const late = await first.om(['hosts', 'list'])
      expect(late.stderr).toContain('TOKEN_BAD')
      expect(late.code).toBe(3)
      // And the next start prints none.
      await first.kill()
      const { dataDir } = first
      const next = await startOmServer({ dataDir, login: false, env: { OM_ADMIN_PASSWORD: '' } })
      expect(next.printed()).not.toContain('one-time')
      await next.kill()
    } finally {
      await first.remove()
    }
  })

  test('of a user whom an administrator added: the page insists on another one', async (context) => {
    needs(context, 'chromium')
    await newUser('nora')
    const { page, problems } = await newPage()
    await signIn(page, server, 'nora', INITIAL)
    await page.getByRole('heading', { name: 'Choose a password of your own' }).waitFor()
    await page.goto(`${server.url}/hosts`)
    await page.getByRole('heading', { name: 'Choose a password of your own' }).waitFor()
    await page.getByLabel('Current password').fill(INITIAL)
    await page.getByLabel('New password', { exact: true }).fill(OWN)
    await page.getByLabel('New password, once more').fill(OWN)
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('localhost').first().waitFor()
    expect((await session('nora', OWN)).mustChangePassword).toBe(false)
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('is replaced at the terminal where om login is typed', async (context) => {
    needs(context, 'tmux')
    await newUser('tim')
    // A person at a terminal: tmux gives it, and types.
    const socket = join(home, 'tmux')
    const tmux = (...args: string[]) =>
      execFileSync('tmux', ['-S', socket, ...args], {
        encoding: 'utf8',
        env: { ...process.env, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
      })
    const launcher = join(import.meta.dirname, '../packages/cli/bin/om.mjs')
    const shown = () => tmux('capture-pane', '-p', '-t', 'om', '-J')
    const answer = async (question: string, text: string) => {
      await expect.poll(shown, { timeout: 20_000 }).toContain(question)
      tmux('send-keys', '-t', 'om', '-l', text)
      tmux('send-keys', '-t', 'om', 'Enter')
    }
    const config = join(home, 'config-tim')
    tmux('new-session', '-d', '-s', 'om', '-x', '150', '-y', '40', '--', 'sh')
    try {
      const line = `XDG_CONFIG_HOME=${config} ${process.execPath} ${launcher} login ${server.url} --user tim`
      tmux('send-keys', '-t', 'om', '-l', line)
      tmux('send-keys', '-t', 'om', 'Enter')
      await answer('Password of tim:', INITIAL)
      await answer('New password:', OWN)
      await answer('Once more:', OWN)
      await expect.poll(shown, { timeout: 20_000 }).toContain('Signed in to')
    } finally {
      tmux('kill-server')
    }
    const list = await runOm(['hosts', 'list'], { home, env: { XDG_CONFIG_HOME: config } })
    expect(list.code).toBe(0)
    expect((await session('tim', OWN)).mustChangePassword).toBe(false)
  })
})

describe('a session that has ended', () => {
  /** As if its time had passed, or that of a token. */
  const expire = (table: 'sessions' | 'tokens', user: string): void => {
    const db = new DatabaseSync(join(server.dataDir, 'omserver.db'), { timeout: 10_000 })
    const sql = `update ${table} set expires_at = 1 where user_id = (select id from users where name = ?)`
    expect(db.prepare(sql).run(user).changes).toBeGreaterThan(0)
    db.close()
  }

  test('is a coded 401, and the page stays where it is while its user signs in over it', async (context) => {
    needs(context, 'chromium')
    await newUser('sven')
    await server.client({ name: 'sven', password: INITIAL }, OWN)
    const { page, problems } = await newPage()
    await signIn(page, server, 'sven', OWN)
    await page.goto(`${server.url}/hosts?view=list`)
    await page.getByText('localhost').first().waitFor()
    expire('sessions', 'sven')
    const [cookie] = await page.context().cookies()
    const answer = await fetch(`${server.url}/api/hosts`, {
      headers: { cookie: `${cookie?.name}=${cookie?.value}` },
    })
    expect(await codeOf(answer)).toBe('401 SESSION_EXPIRED')

    await page.getByRole('link', { name: 'Modules' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Sign in again' })
    await dialog.getByText('sven', { exact: true }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/modules')
    await dialog.locator('input[autocomplete="current-password"]').fill(OWN)
    await dialog.locator('button[type="submit"]').click()
    await dialog.waitFor({ state: 'detached' })
    expect(new URL(page.url()).pathname).toBe('/modules')
    await page.getByText('system.uptime').first().waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('somebody else signs in instead, and finds nothing of what was there', async (context) => {
    needs(context, 'chromium')
    const { page } = await newPage()
    await signIn(page, server)
    await page.goto(`${server.url}/launch?module=shell&selector=localhost`)
    await page.locator('#param-command').fill('echo mine')
    expire('sessions', ADMIN)
    await page.getByRole('link', { name: 'Modules' }).first().click()
    await page.getByRole('button', { name: 'Sign in as someone else' }).click()
    await page.waitForURL(/\/login/)
    expect(await page.evaluate<string>('JSON.stringify(sessionStorage)')).not.toContain('echo mine')
    await page.context().close()
  })

  test('a token that has expired or was revoked: om says so, with exit code 3', async () => {
    await newUser('toni')
    const client = await server.client({ name: 'toni', password: INITIAL }, OWN)
    const add = async (name: string) =>
      client.call(userRoutes.addToken, { body: { name, expiresInDays: 1 } })
    const list = (token: string) =>
      server.om(['hosts', 'list'], { env: { OM_URL: server.url, OM_TOKEN: token } })
    const revoked = await add('revoked')
    expect((await list(revoked.token)).code).toBe(0)
    expect((await server.om(['tokens', 'rm', revoked.id])).code).toBe(0)
    const expired = await add('expired')
    expect((await list(expired.token)).code).toBe(0)
    expire('tokens', 'toni')
    for (const { token } of [revoked, expired]) {
      const refused = await list(token)
      expect(refused.stderr).toContain('TOKEN_BAD')
      expect(refused.code).toBe(3)
    }
  })
})

describe('a request that another site made a browser send', () => {
  const host = { name: 'forged', address: '192.0.2.66' }
  const json = { 'content-type': 'application/json' }
  const body = JSON.stringify(host)

  test('is refused whatever it leaves out or makes up, and nothing changes', async () => {
    const { cookie, csrf } = await session()
    const other = await session()
    const proof = { 'x-om-csrf': csrf }
    const attempts: readonly (readonly [string, Record<string, string>, string, string])[] = [
      ['no proof', json, body, '403 CSRF'],
      ['an empty proof', { ...json, 'x-om-csrf': '' }, body, '403 CSRF'],
      ['a wrong proof', { ...json, 'x-om-csrf': `${csrf.slice(0, -1)}!` }, body, '403 CSRF'],
      ['the proof of another session', { ...json, 'x-om-csrf': other.csrf }, body, '403 CSRF'],
      ['another site', { ...json, ...proof, origin: 'https://evil.example' }, body, '403 CSRF'],
      ['a page without an origin', { ...json, ...proof, origin: 'null' }, body, '403 CSRF'],
      [
        'another port of this machine',
        { ...json, ...proof, origin: 'http://127.0.0.1:1' },
        body,
        '403 CSRF',
      ],
      [
        'a form',
        { 'content-type': 'application/x-www-form-urlencoded' },
        'name=forged&address=192.0.2.66',
        '403 CSRF',
      ],
      ['plain text, as forms can send it', { 'content-type': 'text/plain' }, body, '403 CSRF'],
      [
        'a form with a proof',
        { ...proof, 'content-type': 'application/x-www-form-urlencoded' },
        'name=forged&address=192.0.2.66',
        '415 MEDIA_TYPE',
      ],
    ]
    for (const [what, headers, sent, expected] of attempts) {
      const response = await fetch(`${server.url}/api/hosts`, {
        method: 'POST',
        headers: { cookie, ...headers },
        body: sent,
      })
      expect(await codeOf(response), what).toBe(expected)
    }
    const { items } = (await server.om(['hosts', 'list', '--json'])).json<{
      items: { name: string }[]
    }>()
    expect(items.map(({ name }) => name)).not.toContain('forged')
    // The same with everything in its place is let through: it was these parts that were missing.
    const own = await fetch(`${server.url}/api/hosts`, {
      method: 'POST',
      headers: { cookie, ...json, ...proof, origin: server.url },
      body,
    })
    expect(own.status).toBe(200)
    // Nobody can be signed in from elsewhere, either.
    const login = await fetch(`${server.url}/api/auth/login`, {
      method: 'POST',
      headers: { ...json, origin: 'https://evil.example' },
      body: JSON.stringify({ name: ADMIN, password: PASSWORD }),
    })
    expect(await codeOf(login)).toBe('403 CSRF')
  })

  test('cookies stay out of reach: of scripts, and of requests from elsewhere', async () => {
    const response = await fetch(`${server.url}/api/auth/login`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ name: ADMIN, password: PASSWORD }),
    })
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Strict')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})

test('guessing a password is slowed down, and says for how long; others sign in meanwhile', async () => {
  await newUser('gus')
  const guess = (input: string) =>
    runOm(['login', server.url, '--user', 'gus', '--password-stdin'], { home, input })
  const attempt = (password: string) =>
    fetch(`${server.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'gus', password }),
    })
  const wrong = await guess('not this one')
  expect(wrong.stderr).toContain('LOGIN_WRONG')
  expect(wrong.code).toBe(3)
  const answers: string[] = []
  for (let n = 0; n < 12; n++) answers.push(await codeOf(await attempt(`guess ${n}`)))
  expect(answers.slice(0, 4)).toEqual(Array(4).fill('401 LOGIN_WRONG'))
  expect(answers).toContain('429 LOGIN_THROTTLED')
  // Also with the right password: whoever guesses must not be told by a faster answer.
  const throttled = await attempt(INITIAL)
  expect(throttled.status).toBe(429)
  const { error } = (await throttled.json()) as { error: { details: { seconds: number } } }
  expect(error.details.seconds).toBeGreaterThan(0)
  expect((await session()).csrf).toBeTruthy()
})
