// Salt from the command line to the browser: an endpoint is registered, states and calls run, and each host says how it ended.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { takePicture } from './support/pictures.ts'
import { type Salt, startSalt } from './support/salt.ts'

const folder = mkdtempSync(join(tmpdir(), 'om-e2e-salt-'))
let server: OmServer
let salt: Salt
let browser: Browser

const web = `page:
  file.managed:
    - name: ${folder}/index.html
    - contents: {{ pillar.get('text', 'hello') }}
`

beforeEach((context) => needs(context, 'python3-venv', 'chromium'))
beforeAll(async () => {
  if (missingTools(['python3-venv', 'chromium']).length > 0) return
  const started = [
    startSalt({ minions: ['web-1'], waiting: ['new-1'], states: { web } }).then((one) => {
      salt = one
    }),
    startOmServer().then((one) => {
      server = one
    }),
    openBrowser().then((one) => {
      browser = one
    }),
  ]
  await Promise.all(started)
  writeFileSync(join(folder, 'ca.crt'), salt.ca)
  for (const name of ['web-1', 'new-1']) {
    const added = await server.om(['hosts', 'add', name, '--address', name, '--driver', 'salt'])
    expect(added.stderr).toBe('')
  }
}, 600_000)
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  await salt?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const addEndpoint = (name: string, password: string, url = salt.url) =>
  server.om(
    [
      ...['drivers', 'add', 'salt', name, '--url', url, '--user', salt.user],
      ...['--password-stdin', '--eauth', salt.eauth, '--ca', join(folder, 'ca.crt'), '--json'],
    ],
    { input: password },
  )

test('hosts without an endpoint are refused at launch, and the list says what is missing', async () => {
  const run = await server.om(['run', 'salt.call', '-p', 'function=test.ping', '-t', 'web-1'])
  expect(run.code).toBe(2)
  expect(run.stderr).toMatch(/web-1 .*is reached by salt, and no endpoint/)
  const list = await server.om(['drivers', 'list', '--json'])
  expect(list.json()).toEqual({
    items: [],
    unserved: [{ kind: 'salt', idc: 'default', hosts: 2 }],
  })
})

test('an endpoint by plain HTTP is refused; a wrong password ends the host in words', async () => {
  const plain = await addEndpoint('main', salt.password, salt.url.replace('https', 'http'))
  expect(plain.code).toBe(2)
  expect((await addEndpoint('main', 'wrong')).code).toBe(0)
  const run = await server.om([
    'run',
    'salt.call',
    '-p',
    'function=test.ping',
    '-t',
    'web-1',
    '--json',
  ])
  expect(run.code).toBe(1)
  expect(run.stdout).toMatch(/"state":"unreachable".*refused the login of \\"om\\"/)
  expect((await server.om(['drivers', 'rm', 'main'])).code).toBe(0)
})

test('a call, a command and a state run; a waiting key says so', async () => {
  const added = await addEndpoint('main', salt.password)
  expect(added.json()).toMatchObject({ name: 'main', kind: 'salt', idc: null, hosts: 2 })
  expect(added.stdout).not.toContain(salt.password)
  const ping = await server.om([
    ...['run', 'salt.call', '-p', 'function=test.ping', '-t', 'web-1 new-1', '--json', '--yes'],
  ])
  expect(ping.events().at(-1)).toMatchObject({ counts: { ok: 1, unreachable: 1 } })
  expect(ping.stdout).toContain('minionUnknown')
  const shell = await server.om(['run', 'shell', '-p', 'command=echo by $0', '-t', 'web-1'])
  expect([shell.code, shell.stdout]).toEqual([0, expect.stringContaining('by /bin/sh')])
})

test('a state run is checked, applied, and seen in the browser', async () => {
  const state = ['run', 'salt.state', '-p', 'sls=web', '-t', 'web-1', '--json']
  const checked = await server.om([...state, '--check'])
  expect(checked.code).toBe(0)
  expect(() => readFileSync(join(folder, 'index.html'))).toThrow()
  const applied = await server.om(state)
  expect(applied.code).toBe(0)
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('hello\n')
  const step = applied.events().find(({ type }) => type === 'host.step')
  expect(step).toMatchObject({ host: 'web-1', state: 'ok', changed: true, diff: 'New file' })
  const { id } = applied.events().at(-1) ?? {}

  const context = await openContext(browser, { lang: 'zh', theme: 'light', ...desktop })
  const page = await context.newPage()
  await signIn(page, server)
  await page.goto(`${server.url}/runs/${String(id)}`)
  await page.getByText('states: 1 · ok: 1 · failed: 0 · changed: 1').first().waitFor()
  await takePicture(page, 'salt-state-run')
  await page.goto(`${server.url}/controllers`)
  await page.getByText(`${salt.user} @ ${salt.url}`).waitFor()
  await takePicture(page, 'driver-endpoints')
  await context.close()
})
