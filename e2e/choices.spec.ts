// Choices of a form field that come from the hosts: a label, a fact, or what a command prints there. Asked of a real
// sshd host and of the machine OMServer runs on.

import { execFileSync } from 'node:child_process'
import {
  type BodyIn,
  type Client,
  hostRoutes,
  moduleRoutes,
  runRoutes,
  userRoutes,
} from '@omserver/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { type OmServer, PASSWORD, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

let server: OmServer
let client: Client
let sshd: Sshd

type Field = BodyIn<typeof moduleRoutes.addCustom>['fields'][number]
const field = (name: string, choicesFrom: Field['choicesFrom']): Field => ({
  name,
  kind: 'select',
  title: { zh: name, en: name },
  required: false,
  choicesFrom,
})
const byCommand = (name: string, command: string) => field(name, { from: 'command', command })
const fields: Field[] = [
  field('app', { from: 'label', label: 'app' }),
  field('account', { from: 'fact', fact: 'users' }),
  field('distribution', { from: 'fact', fact: 'os' }),
  field('moon', { from: 'fact', fact: 'constructor' }),
  byCommand('line', "printf ' b \\na\\n\\na\\r\\n\\033[31mc\\033[0m\\n'; echo warning >&2"),
  byCommand('place', 'set -- $SSH_CONNECTION; echo "at $3"'),
  byCommand('broken', 'echo partly; echo no such list >&2; exit 3'),
  byCommand('endless', 'sleep 60'),
  byCommand('many', 'seq 1 5000'),
  byCommand('chinese', "printf '\\261\\261\\276\\251\\n'"),
  { name: 'fixed', kind: 'text', title: { zh: '定', en: 'Fixed' }, required: false },
]

beforeEach((context) => needs(context, 'sshd'))
beforeAll(async () => {
  if (missingTools(['sshd']).length > 0) return
  sshd = await startSshd()
  server = await startOmServer()
  client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addHosts(client, sshd, [
    { labels: { app: 'nginx' } },
    { labels: { app: 'haproxy' } },
    { labels: { app: 'nginx' } },
    { name: 'bare' },
    { name: 'gone', port: 1 },
    { name: 'gb-1', encoding: 'gb18030' },
  ])
  const { id } = await client.call(moduleRoutes.addCustom, {
    body: {
      name: 'app.ask',
      title: { zh: '询问', en: 'Ask' },
      summary: { zh: '询问主机', en: 'Asks hosts' },
      fields,
      script: { interpreter: 'sh', content: 'echo {{app}}\n' },
    },
  })
  await client.call(moduleRoutes.publishCustom, { params: { id }, body: { version: 1 } })
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
})

const choicesOf = async (name: string, selector: string, who = client): Promise<string[]> => {
  const { choices } = await who.call(moduleRoutes.choices, {
    params: { name: 'app.ask' },
    body: { field: name, selector },
  })
  expect(choices.map(({ title }) => title)).toEqual(choices.map(({ value }) => value))
  return choices.map(({ value }) => value)
}
const runs = async (who = client) =>
  (await who.call(runRoutes.list, { query: { module: 'app.ask', choices: 'true' } })).items

test('a label: every value that the chosen hosts have, once, and no host is asked', async () => {
  expect(await choicesOf('app', 'web-[1-3] bare')).toEqual(['haproxy', 'nginx'])
  expect(await choicesOf('app', 'web-1')).toEqual(['nginx'])
  expect(await choicesOf('app', 'bare')).toEqual([])
  expect(await choicesOf('app', 'gone')).toEqual([])
  expect(await runs()).toEqual([])
})

describe.each(['web-1', 'localhost'])('asked of %s', (host) => {
  test('a fact is what the host says it is', async () => {
    const users = await choicesOf('account', host)
    const known = execFileSync('getent', ['passwd'], { encoding: 'utf8' }).trim().split('\n')
    // Other tests make and remove accounts of this machine meanwhile.
    const lasting = (names: string[]) => names.filter((name) => !name.startsWith('om-t-'))
    expect(lasting(users)).toEqual(
      lasting([...new Set(known.map((line) => line.split(':')[0] ?? ''))]).toSorted(),
    )
    expect(await choicesOf('distribution', host)).toHaveLength(1)
  })

  test('a command: its lines, trimmed, once each; no warnings, colours or empty lines', async () => {
    expect(await choicesOf('line', host)).toEqual(['a', 'b', 'c'])
  })

  test('a long answer is cut at a thousand whole lines', async () => {
    const many = await choicesOf('many', host)
    expect(many).toHaveLength(1000)
    expect(many.every((line) => /^\d+$/.test(line))).toBe(true)
  })

  test('a command that fails: the field, the host and its own last words', async () => {
    await expect(choicesOf('broken', host)).rejects.toMatchObject({
      status: 422,
      code: 'CHOICES_FAILED',
      details: { field: 'broken', message: `${host}: no such list` },
    })
  })

  test('a command that does not end: given up within seconds', async () => {
    const began = performance.now()
    await expect(choicesOf('endless', host)).rejects.toMatchObject({
      code: 'CHOICES_FAILED',
      details: { field: 'endless', message: `${host}: Host timed out` },
    })
    expect(performance.now() - began).toBeLessThan(12_000)
  })
})

test('of many hosts the first is asked; it is a run like any other, in the history', async () => {
  const before = (await runs()).length
  expect(await choicesOf('place', 'web-[2-3]')).toEqual([`at ${sshd.address(1)}`])
  const after = await runs()
  expect(after).toHaveLength(before + 1)
  expect(after[0]).toMatchObject({
    selector: 'web-2',
    state: 'succeeded',
    total: 1,
    startedBy: 'admin',
  })
})

test('a host with an encoding of its own is read in it', async () => {
  expect(await choicesOf('chinese', 'gb-1')).toEqual(['北京'])
})

test.each([
  ['a host that is gone', 'line', 'gone', 422, 'CHOICES_FAILED', 'gone: 127'],
  ['a fact that there is not', 'moon', 'web-1', 422, 'CHOICES_FAILED', 'constructor'],
  ['a field that there is not', 'colour', 'web-1', 404, 'FIELD_UNKNOWN', 'colour'],
  ['a field whose choices are fixed', 'fixed', 'web-1', 404, 'FIELD_UNKNOWN', 'fixed'],
  ['a selector that matches nothing', 'line', 'app=none', 400, 'SELECTOR_EMPTY', 'app=none'],
  ['a selector that does not parse', 'line', 'web-[', 400, 'SELECTOR_SYNTAX', 'web-['],
])('%s: told, with the culprit', async (_, name, selector, status, code, culprit) => {
  const error = await choicesOf(name, selector).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ status, code })
  expect(JSON.stringify(error)).toContain(culprit)
})

test('an operator asks the hosts of a grant, and no other; never the machine of the server', async () => {
  const given = 'first words of an operator'
  const grants = [{ modules: ['app.*'], selector: 'app=nginx' }]
  const body = { name: 'op', role: 'operator', password: given, grants } as const
  await client.call(userRoutes.add, { body })
  const set = { app: 'nginx' }
  await client.call(hostRoutes.setLabels, { body: { selector: 'localhost', set } })
  const op = await server.client({ name: 'op', password: given }, PASSWORD)
  expect(await choicesOf('place', 'web-1', op)).toEqual([`at ${sshd.address(0)}`])
  await expect(choicesOf('place', 'web-2', op)).rejects.toMatchObject({
    status: 403,
    code: 'GRANT_MISSING',
  })
  await expect(choicesOf('place', 'localhost', op)).rejects.toMatchObject({
    status: 403,
    code: 'LOCAL_ADMIN_ONLY',
  })
})
