// A person's first day: fresh start, first password, import, trust, a launch in which one host fails, one hangs and one
// is not there, rerun of only those, history. In the browser, and once more by the command line. 52 real sshd hosts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { type Account, accountsMissing, makeAccount } from './support/account.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { ADMIN, type OmServer, PASSWORD, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'
import { picturesFailure } from './support/pictures.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 52
const noAccounts = accountsMissing()
const tools = ['sshd', 'chromium'] as const
const able = noAccounts === undefined && missingTools(tools).length === 0

let server: OmServer
let sshd: Sshd
let account: Account
let browser: Browser
let page: Page
let folder: string
let problems: readonly string[]

beforeEach((context) => {
  context.skip(noAccounts !== undefined, noAccounts)
  needs(context, ...tools)
  picturesFailure(context, () => page)
})
beforeAll(async () => {
  if (!able) return
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-journey-'))
  account = makeAccount()
  sshd = await startSshd({
    config: [
      'MaxStartups 200',
      'PasswordAuthentication yes',
      'AuthorizedKeysFile .ssh/authorized_keys',
      // Instead of a HOME that is nobody's: the key goes into the account's own.
      'SetEnv OM_TEST=1',
    ],
  })
  server = await startOmServer({ env: { OM_ADMIN_PASSWORD: '' }, login: false })
  browser = await openBrowser()
  page = await (await openContext(browser, { lang: 'en', theme: 'light', ...desktop })).newPage()
  page.setDefaultTimeout(30_000)
  problems = await watchPage(page)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  await sshd?.stop()
  account?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

/** Fails on one host and hangs on another for as long as the file lies there. */
const command = (marker: string): string =>
  `set -- $SSH_CONNECTION; if [ -e ${marker} ]; then case $3 in ${sshd.address(4)}) echo broken >&2; exit 3 ;; ${sshd.address(5)}) sleep 60 ;; esac; fi; echo fine`

const inTheBrowser = (name: string, work: () => Promise<void>) => test(name, work, 120_000)

inTheBrowser('a fresh start: the one-time password lets in, and is replaced', async () => {
  const once = /one-time password (\S+)/.exec(server.printed())?.[1] ?? ''
  await signIn(page, server, ADMIN, once)
  const change = page.getByRole('button', { name: 'Change password' })
  await change.waitFor()
  await page.locator('input[autocomplete="current-password"]').fill(once)
  for (const n of [0, 1]) {
    await page.locator('input[autocomplete="new-password"]').nth(n).fill(PASSWORD)
  }
  await change.click()
  await page.getByRole('link', { name: 'localhost' }).waitFor()
})

inTheBrowser('a spreadsheet of hosts is imported', async () => {
  const rows = Array.from(
    { length: HOSTS },
    (_, n) => `web-${n + 1},${sshd.address(n)},${sshd.port},${n < 30 ? 'sz' : 'sh'},nginx`,
  )
  const gone = `gone-1,${sshd.address(HOSTS)},1,sh,nginx`
  const file = join(folder, 'hosts.csv')
  writeFileSync(file, `name,address,port,label:idc,label:app\n${[...rows, gone].join('\n')}\n`)
  await page.goto(`${server.url}/hosts?open=import`)
  await page.locator('input[type="file"]').setInputFiles(file)
  await page.getByRole('button', { name: `Import: add ${HOSTS + 1}, update 0` }).click()
  await page.getByText(`${HOSTS + 1} added, 0 updated`).waitFor()
})

inTheBrowser('trust is established with a password that is used once', async () => {
  await page.goto(`${server.url}/credentials?edit=new`)
  await page.getByRole('textbox', { name: 'Name' }).fill('fleet')
  await page.getByRole('textbox', { name: 'Account' }).fill(account.name)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The key of fleet is made').waitFor()
  const selector = encodeURIComponent('app=nginx !gone-1')
  await page.goto(`${server.url}/trust?tab=establish&selector=${selector}&credential=fleet`)
  await page.getByRole('textbox', { name: 'Account' }).fill(account.name)
  await page.getByLabel('One-time password').fill(account.password)
  await page.getByRole('button', { name: `Establish trust with ${HOSTS} hosts` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill(String(HOSTS))
  await dialog.getByRole('button', { name: `Establish trust with ${HOSTS} hosts` }).click()
  await page
    .getByRole('article')
    .first()
    .getByRole('listitem')
    .filter({ hasText: 'Log in with it' })
    .getByText(`${HOSTS} of ${HOSTS} OK`)
    .waitFor()
  const set = await signedIn(['hosts', 'set', 'gone-1', 'app=nginx', '--credential', 'fleet'])
  expect(set.code, set.stderr).toBe(0)
})

const signedIn: OmServer['om'] = async (args, options) => {
  const login = ['login', server.url, '--user', ADMIN, '--password-stdin']
  expect((await server.om(login, { input: PASSWORD })).code).toBe(0)
  return server.om(args, options)
}

inTheBrowser('one fails, one hangs, one is not there; only those run again', async () => {
  const marker = join('/tmp', `om-journey-${account.name}`)
  writeFileSync(marker, '')
  try {
    await page.goto(`${server.url}/launch?module=shell&selector=${encodeURIComponent('app=nginx')}`)
    await page.locator('#param-command').fill(command(marker))
    await page.getByRole('button', { name: /^Strategy/ }).click()
    await page.getByRole('textbox', { name: 'Time for one host (s)' }).fill('6')
    await page.getByRole('textbox', { name: /Type 53/ }).fill('53')
    await page.getByRole('button', { name: 'Run on 53 hosts · 2 IDCs' }).click()
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
    await page.getByText('Majority: 50 hosts').waitFor()
    for (const state of ['Failed', 'Timed out', 'Unreachable']) {
      await page
        .getByRole('button', { name: new RegExp(`${state}\\D*1\\b`) })
        .first()
        .waitFor()
    }
  } finally {
    rmSync(marker)
  }
  const first = page.url()
  await page.getByRole('button', { name: /^Rerun .*1/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Run again on 3 hosts' }).click()
  await page.waitForURL((url) => url.href !== first && /\/runs\/[0-9a-f-]{36}/.test(url.pathname))
  await page.getByText('of 3', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Run again', exact: true }).waitFor()
  await page.goto(`${server.url}/runs`)
  await page.getByText('50/53 ok').waitFor()
  await page.getByText('2/3 ok').waitFor()
  expect(problems).toEqual([])
})

test('the same by the command line', async () => {
  const marker = join('/tmp', `om-journey-${account.name}`)
  writeFileSync(marker, '')
  const words = ['run', 'shell', '-t', 'app=nginx', '-p', `command=${command(marker)}`]
  const unconfirmed = await signedIn([...words, '--json'])
  expect(unconfirmed.code).toBe(2)
  const run = await server.om([...words, '--timeout', '6s', '--yes', '--json'])
  rmSync(marker)
  expect(run.code).toBe(1)
  const end = run.events().at(-1)
  expect(end).toMatchObject({
    type: 'run.ended',
    status: 'failed',
    counts: { ok: 50, failed: 1, timedOut: 1, unreachable: 1 },
  })
  const again = await server.om(['runs', 'rerun', String(end?.['id']), '--failed', '--json'])
  expect(again.code).toBe(1)
  expect(again.events().at(-1)).toMatchObject({ counts: { ok: 2, unreachable: 1 } })
  const list = (await server.om(['runs', 'list', '--json'])).json<{
    items: { module: string; counts: Record<string, number> }[]
  }>()
  expect(list.items.slice(0, 2).map(({ counts }) => counts.ok)).toEqual([2, 50])
}, 120_000)
