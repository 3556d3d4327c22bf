// Who may do what, asked over real HTTP and by `om`: a viewer, an operator without a grant, and one who may work on
// nginx. What is refused is refused in words, and changes nothing.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { activityRoutes, userRoutes } from '@omserver/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OmResult, type OmServer, startOmServer } from './support/omserver.ts'

type Name = 'vera' | 'olga' | 'nick'
let server: OmServer
let folder: string
const tokens = new Map<Name, string>()
/** A run of the administrator's that has ended and failed, and one that goes on, both on a host that nobody was granted. */
let ended = ''
let underWay = ''

const INITIAL = 'written on a yellow note'
const OWN = 'known to nobody else at all'

const newUser = async (name: Name, role: string, grant?: string): Promise<void> => {
  const words = ['users', 'add', name, '--role', role, '--password-stdin']
  const added = await server.om([...words, ...(grant ? ['--grant', grant] : [])], {
    input: INITIAL,
  })
  expect(added.stderr).toBe('')
  const client = await server.client({ name, password: INITIAL }, OWN)
  const body = { name: 'e2e', expiresInDays: 1 }
  tokens.set(name, (await client.call(userRoutes.addToken, { body })).token)
}

/** `om` as somebody. */
const om = (who: Name, ...args: readonly string[]): Promise<OmResult> =>
  server.om(args, { env: { OM_URL: server.url, OM_TOKEN: tokens.get(who) } })

const idOf = (result: OmResult): string => String(result.json()['id'])

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-access-'))
  server = await startOmServer()
  const hosts = ['ng-1', 'ng-2', 'db-1'].map(
    (name, n) =>
      `  - { name: ${name}, address: 192.0.2.${n + 1}, driver: sim, labels: { app: ${name.startsWith('ng') ? 'nginx' : 'mysql'} } }`,
  )
  writeFileSync(join(folder, 'hosts.yaml'), `hosts:\n${hosts.join('\n')}\n`)
  expect((await server.om(['hosts', 'import', join(folder, 'hosts.yaml')])).code).toBe(0)
  // The server itself runs nginx, too: a grant on the label must not reach it.
  expect((await server.om(['hosts', 'set', 'localhost', 'app=nginx'])).code).toBe(0)
  expect((await server.om(['groups', 'add', 'mine', 'app=nginx'])).code).toBe(0)
  const secret = { input: 'the password of the database hosts' }
  const words = ['credentials', 'add', 'dba', '--type', 'password', '--user', 'dba']
  expect((await server.om([...words, '--password-stdin'], secret)).code).toBe(0)
  await newUser('vera', 'viewer')
  await newUser('olga', 'operator')
  await newUser('nick', 'operator', 'shell,system.uptime@app=nginx')
  const run = await server.om(['run', 'shell', '-t', 'db-1', '-p', 'command=exit 3', '--json'])
  ended = String(run.events().at(-1)?.['id'])
  const long = ['run', 'shell', '-t', 'db-1', '-p', 'command=sleep 600', '--timeout', '900s']
  underWay = idOf(await server.om([...long, '--detach', '--json']))
})
afterAll(async () => {
  await server?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

interface Told {
  readonly status: number
  readonly code: string
  readonly text: string
}

const ask = async (who: Name, method: string, path: string, body?: unknown): Promise<Told> => {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${tokens.get(who)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const error = /^\{"error"/.test(text) ? (JSON.parse(text) as { error: Told }).error : undefined
  return { status: response.status, code: error?.code ?? '', text }
}

/** Everything that somebody without the right might have changed, as the administrator sees it. */
const state = async (): Promise<unknown> => {
  const lists = [
    ['hosts', 'list'],
    ['groups', 'list'],
    ['users', 'list'],
    ['credentials', 'list'],
    ['runs', 'list'],
    ['modules', 'list'],
  ]
  const seen: unknown[] = []
  for (const words of lists) {
    const { items } = (await server.om([...words, '--json'])).json<{ items: object[] }>()
    // Counters that move by themselves while a run goes on, and by looking.
    seen.push(items.map((item) => ({ ...item, lastLoginAt: 0, rev: 0, lastSeenAt: 0 })))
  }
  return seen
}

const launch = (selector: string, more: object = {}) => ({
  module: 'shell',
  params: { command: 'echo hello' },
  selector,
  ...more,
})

const forAdministrators: readonly (readonly [string, string, object?])[] = [
  ['POST', '/api/hosts', { name: 'x', address: '192.0.2.9' }],
  ['PATCH', '/api/hosts/ng-1', { port: 23 }],
  ['POST', '/api/hosts/labels', { selector: 'db-1', set: { app: 'nginx' } }],
  ['POST', '/api/hosts/remove', { selector: 'ng-1', count: 1 }],
  ['POST', '/api/hosts/import', { fileName: 'a.yaml', content: 'hosts: []' }],
  ['POST', '/api/hosts/ng-1/accept-key', { fingerprint: 'SHA256:x' }],
  ['POST', '/api/hosts/demo', { hosts: 5 }],
  ['POST', '/api/credentials', { name: 'x', type: 'agent', user: 'root' }],
  ['DELETE', '/api/credentials/dba'],
  ['GET', '/api/users'],
  ['POST', '/api/users', { name: 'eve', role: 'admin', password: INITIAL }],
  ['POST', '/api/teams', { name: 'eves' }],
  ['PATCH', '/api/settings', { confirmAbove: 1_000_000 }],
  ['GET', '/api/activity'],
  ['POST', '/api/trust/establish', { selector: 'ng-1', credential: 'dba', user: 'root' }],
  ['POST', '/api/trust/rotate', { selector: 'ng-1', from: 'dba', to: 'dba' }],
  ['POST', '/api/custom-modules', { name: 'x' }],
]

const refusalsOf = async (
  who: Name,
  attempts: readonly (readonly [string, string, object?])[],
): Promise<readonly string[]> => {
  const told: string[] = []
  for (const [method, path, body] of attempts) {
    const { status, code } = await ask(who, method, path, body)
    told.push(`${method} ${path} ${status} ${code}`)
  }
  return told
}

const allForbidden = (attempts: readonly (readonly [string, string, object?])[]) =>
  attempts.map(([method, path]) => `${method} ${path} 403 FORBIDDEN`)

describe('a viewer', () => {
  test('looks, and changes nothing', async () => {
    const before = await state()
    const more = [
      ...forAdministrators,
      ['GET', '/api/credentials'],
      ['POST', '/api/groups', { name: 'x', selector: '*' }],
      ['POST', '/api/runs', launch('ng-1')],
      ['POST', '/api/runs/preview', launch('ng-1')],
      ['POST', '/api/trust/check', { selector: 'ng-1' }],
      ['POST', `/api/runs/${underWay}/abort`],
      ['POST', `/api/runs/${ended}/rerun`, { which: 'all' }],
      ['DELETE', `/api/runs/${ended}`],
    ] as const
    expect(await refusalsOf('vera', more)).toEqual(allForbidden(more))
    expect(await state()).toEqual(before)
    const admin = await server.client()
    const { items } = await admin.call(userRoutes.listTokens, {})
    for (const { id, userName } of items.filter((token) => token.userName !== 'vera')) {
      const told = await ask('vera', 'DELETE', `/api/tokens/${id}`)
      expect(told, userName).toMatchObject({ status: 404, code: 'TOKEN_UNKNOWN' })
    }
    for (const path of ['/api/hosts', '/api/modules', '/api/runs', `/api/runs/${ended}`]) {
      expect((await ask('vera', 'GET', path)).status, path).toBe(200)
    }
  })

  test('is told so by om, with exit code 3', async () => {
    const before = await state()
    const attempts = [
      ['run', 'shell', '-t', 'ng-1', '-p', 'command=true'],
      ['runs', 'abort', underWay],
      ['runs', 'rerun', ended],
      ['hosts', 'add', 'x', '--address', '192.0.2.9'],
      ['hosts', 'set', 'ng-1', 'app=mysql'],
      ['hosts', 'import', join(folder, 'hosts.yaml')],
      ['hosts', 'check', 'ng-1'],
      ['credentials', 'list'],
      ['users', 'list'],
      ['groups', 'add', 'x', '*'],
      ['demo'],
    ]
    for (const words of attempts) {
      const refused = await om('vera', ...words)
      expect(refused.stderr, words.join(' ')).toContain('FORBIDDEN')
      expect(refused.code, words.join(' ')).toBe(3)
    }
    expect(await state()).toEqual(before)
    expect((await om('vera', 'hosts', 'list')).code).toBe(0)
  })
})

describe('an operator without a grant', () => {
  test('may look and keep groups, and runs nothing anywhere', async () => {
    const before = await state()
    expect(await refusalsOf('olga', forAdministrators)).toEqual(allForbidden(forAdministrators))
    const grantless = [
      ['POST', '/api/runs', launch('ng-1')],
      ['POST', '/api/trust/check', { selector: 'ng-1' }],
      ['POST', `/api/runs/${underWay}/abort`],
      ['POST', `/api/runs/${ended}/rerun`, { which: 'all' }],
    ] as const
    expect(await refusalsOf('olga', grantless)).toEqual(
      grantless.map(([method, path]) => `${method} ${path} 403 GRANT_MISSING`),
    )
    const refused = await om('olga', 'run', 'shell', '-t', 'ng-1', '-p', 'command=true')
    expect(refused.stderr).toContain('ng-1')
    expect(refused.code).toBe(3)
    expect(await state()).toEqual(before)
  })

  test('sees the names of credentials, never what is in them', async () => {
    const { status, text } = await ask('olga', 'GET', '/api/credentials')
    expect(status).toBe(200)
    expect(text).toContain('"dba"')
    expect(text).not.toContain('the password of the database')
    expect((await om('olga', 'credentials', 'rm', 'dba')).code).toBe(3)
  })
})

describe('an operator who was granted shell and uptime on app=nginx', () => {
  const shell = (...targets: readonly string[]) =>
    om('nick', 'run', 'shell', '-t', targets.join(' '), '-p', 'command=echo hi', '--json')

  test('runs exactly those there, in every way of saying it', async () => {
    for (const selector of ['ng-1 ng-2', 'app=nginx !localhost', '@mine !localhost', 'ng-*']) {
      const result = await shell(selector)
      expect(result.stderr, selector).toBe('')
      expect(result.events().at(-1)?.['counts'], selector).toMatchObject({ ok: 2 })
      expect(result.code, selector).toBe(0)
    }
  })

  test('is refused elsewhere, and told on which hosts; nothing runs, not even where they may', async () => {
    const before = await state()
    for (const [selector, host] of [
      ['db-1', 'db-1'],
      ['ng-1 db-1', 'db-1'],
      ['* !localhost', 'db-1'],
      ['app=nginx', 'localhost'],
      ['localhost', 'localhost'],
    ] as const) {
      const refused = await shell(selector)
      expect(refused.stderr, selector).toContain(host)
      expect(refused.stderr, selector).not.toContain('ng-1')
      expect(refused.code, selector).toBe(3)
    }
    const other = await om('nick', 'run', 'system.disk', '-t', 'ng-1')
    expect(other.stderr).toContain('system.disk')
    expect(other.code).toBe(3)
    const api = await ask('nick', 'POST', '/api/runs', launch('ng-1 db-1', { confirmHosts: 2 }))
    expect(api).toMatchObject({ status: 403, code: 'GRANT_MISSING' })
    const local = await ask('nick', 'POST', '/api/runs', launch('localhost'))
    expect(local).toMatchObject({ status: 403, code: 'LOCAL_ADMIN_ONLY' })
    const borrowed = await ask('nick', 'POST', '/api/runs', launch('ng-1', { credential: 'dba' }))
    expect(borrowed).toMatchObject({ status: 403, code: 'CREDENTIAL_NOT_GRANTED' })
    expect(await state()).toEqual(before)
  })

  test('cannot repeat or end what others run elsewhere, and can end their own', async () => {
    for (const words of [
      ['runs', 'rerun', ended],
      ['runs', 'rerun', ended, '--failed'],
      ['runs', 'abort', underWay],
    ]) {
      const refused = await om('nick', ...words)
      expect(refused.stderr, words.join(' ')).toContain('db-1')
      expect(refused.code, words.join(' ')).toBe(3)
    }
    const shown = await om('nick', 'runs', 'show', underWay, '--json')
    expect(shown.json()).toMatchObject({ state: 'running', may: { abort: false } })
    const long = ['run', 'shell', '-t', 'ng-1', '-p', 'command=sleep 600', '--timeout', '900s']
    const own = idOf(await om('nick', ...long, '--detach', '--json'))
    expect((await om('nick', 'runs', 'abort', own)).code).toBe(0)
    const followed = await om('nick', 'runs', 'follow', own, '--json')
    expect(followed.events().at(-1)).toMatchObject({ status: 'aborted' })
  })

  test('does not reach further by changing a group or asking for the choices of a form', async () => {
    const widened = await om('nick', 'groups', 'add', 'wide', '*')
    expect(widened.code).toBe(0)
    const refused = await shell('@wide')
    expect(refused.stderr).toContain('db-1')
    expect(refused.code).toBe(3)
    const grant = ['--role', 'operator', '--grant', 'shell@@wide', '--password-stdin']
    const byGroup = await server.om(['users', 'add', 'by-group', ...grant], { input: INITIAL })
    expect(byGroup.stderr).toContain('GRANT_SELECTOR')
    expect(byGroup.code).toBe(2)
    expect((await om('nick', 'groups', 'rm', 'wide')).code).toBe(0)
    const choices = { field: 'service', selector: 'db-1' }
    const asked = await ask('nick', 'POST', '/api/modules/service.restart/choices', choices)
    expect(asked.status).toBeGreaterThanOrEqual(400)
  })

  test('loses it in the moment it is taken away', async () => {
    const admin = await server.client()
    const { items } = await admin.call(userRoutes.list, {})
    const id = items.find(({ name }) => name === 'nick')?.id ?? ''
    await admin.call(userRoutes.change, { params: { id }, body: { grants: [] } })
    const refused = await shell('ng-1')
    expect(refused.stderr).toContain('ng-1')
    expect(refused.code).toBe(3)
  })
})

test('runs stand in the activity log under the name of who was let, and of nobody who was not', async () => {
  const admin = await server.client()
  const { items } = await admin.call(activityRoutes.list, { query: { what: 'runs', limit: 200 } })
  const by = new Set(items.map(({ actorName }) => actorName))
  expect([...by].toSorted()).toEqual(['admin', 'nick'])
})
