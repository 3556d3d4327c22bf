// Another account on the host, by sudo and su with a password: it is asked for once, used, and found nowhere after.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@omserver/api'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { type Account, accountsMissing, makeAccount, sudoMissing } from './support/account.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { type OmResult, type OmServer, startOmServer } from './support/omserver.ts'
import { processesWith } from './support/processes.ts'
import { countsOf, endOfRun } from './support/run-on.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const missing = accountsMissing() ?? sudoMissing()
const able = missing === undefined && missingTools(['sshd', 'sudo']).length === 0
let server: OmServer
let client: Client
let sshd: Sshd
/** May become anyone, after giving the own password. */
let asked: Account
/** May become nobody by sudo. */
let plain: Account

beforeEach((context) => {
  context.skip(missing !== undefined, missing)
  needs(context, 'sshd', 'sudo')
})
beforeAll(async () => {
  if (!able) return
  sshd = await startSshd()
  asked = makeAccount({ sudo: 'asked' })
  plain = makeAccount()
  server = await startOmServer()
  client = await server.client()
  await addKey(client, 'asked', asked.name, sshd.key.privateKey)
  await addKey(client, 'plain', plain.name, sshd.key.privateKey)
  await addHosts(client, sshd, [
    { credential: 'asked' },
    { credential: 'asked' },
    { name: 'db-1', credential: 'plain' },
  ])
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  asked?.remove()
  plain?.remove()
})

interface As {
  readonly user: string
  readonly method: 'sudo' | 'su'
  readonly password?: string
}
const runAs = (on: string, as: As, command = 'id -un', more: string[] = []): Promise<OmResult> => {
  const stdin = as.password === undefined ? [] : ['--run-as-password-stdin']
  const who = ['--run-as', as.user, '--run-as-method', as.method, ...stdin]
  const args = ['run', 'shell', '-t', on, '-p', `command=${command}`, ...who, '--json', ...more]
  return server.om(args, { input: as.password ?? '' })
}
const endsOf = (ran: OmResult) => ran.events().filter(({ type }) => type === 'host.ended')
const saidIn = (ran: OmResult) =>
  ran.events().flatMap(({ type, text }) => (type === 'host.output' ? [String(text)] : []))

test('sudo with the password of the account that logs in', async () => {
  const ran = await runAs('web-[1-2]', { user: 'root', method: 'sudo', password: asked.password })
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  expect(saidIn(ran)).toEqual(['root\n', 'root\n'])
  const { run } = await endOfRun(client, String(ran.events().at(-1)?.id))
  expect(run.runAs).toEqual({ user: 'root', method: 'sudo' })
})

test('su with the password of the account it becomes', async () => {
  const ran = await runAs('db-1', { user: asked.name, method: 'su', password: asked.password })
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  expect(saidIn(ran).join('')).toBe(`${asked.name}\n`)
})

const refusals: readonly (readonly [string, string, () => As])[] = [
  ['sudo, a wrong password', 'web-1', () => ({ user: 'root', method: 'sudo', password: 'wrong' })],
  ['sudo, no password where one is asked for', 'web-1', () => ({ user: 'root', method: 'sudo' })],
  [
    'sudo, an account that may not',
    'db-1',
    () => ({ user: 'root', method: 'sudo', password: plain.password }),
  ],
  [
    'sudo, an account that does not exist',
    'web-1',
    () => ({ user: 'nobody-here', method: 'sudo', password: asked.password }),
  ],
  ['su, a wrong password', 'db-1', () => ({ user: asked.name, method: 'su', password: 'wrong' })],
  ['su, no password', 'db-1', () => ({ user: asked.name, method: 'su' })],
]
test.each(refusals)(
  '%s: the host fails, says why, and the command did not run',
  async (_, on, as) => {
    const ran = await runAs(on, as(), 'echo ran')
    expect(ran.code).toBe(1)
    expect(ran.events().at(-1)).toMatchObject({ status: 'failed', counts: { failed: 1 } })
    expect(endsOf(ran)).toMatchObject([{ host: on, state: 'failed', reason: 'runAsRefused' }])
    expect(String(endsOf(ran)[0]?.message)).not.toBe('')
    expect(saidIn(ran).join('')).not.toContain('ran')
  },
)

test('what runs as root is ended by an abort of somebody who is not', async () => {
  const mark = `31${process.pid}.7`
  const as = { user: 'root', method: 'sudo', password: asked.password } as const
  const ran = await runAs('web-1', as, `sleep ${mark} & sleep ${mark}`, ['--timeout', '2s'])
  expect(ran.code).toBe(1)
  expect(endsOf(ran)).toMatchObject([{ state: 'timedOut', leftRunning: 'no' }])
  expect(processesWith(mark)).toEqual([])
})

test('a run again asks for the password again', async () => {
  const ran = await runAs('web-1', { user: 'root', method: 'sudo', password: 'wrong' })
  const id = String(ran.events().at(-1)?.id)
  const again = await server.om(['runs', 'rerun', id, '--failed'])
  expect(again.code).toBe(2)
  expect(again.stderr).toMatch(/password/i)
  const { run } = await endOfRun(client, id)
  expect(countsOf({ run })).toEqual({ failed: 1 })
})

test('the passwords are in no file of the data folder, and in nothing the server printed', async () => {
  await server.kill()
  const files = readdirSync(server.dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(server.dataDir, name))
    .filter((file) => statSync(file).isFile())
  for (const account of [asked, plain]) {
    // Without the quotes and the dollar, which every format would write in its own way.
    const secret = account.password.slice(3, 15)
    expect(files.filter((file) => readFileSync(file).includes(secret))).toEqual([])
    expect(server.printed()).not.toContain(secret)
  }
  expect(files.some((file) => readFileSync(file).includes(asked.name))).toBe(true)
})
