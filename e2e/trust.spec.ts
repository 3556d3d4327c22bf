// Trust in the page: hosts that do not know our key get it by a one-time password, are checked, get another key, and
// one of them is reinstalled. A real sshd, and an account of this machine with a real password.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { type Account, accountsMissing, makeAccount } from './support/account.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'
import { picturesFailure, takePicture } from './support/pictures.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const noAccounts = accountsMissing()
const tools = ['sshd', 'chromium'] as const
const able = noAccounts === undefined && missingTools(tools).length === 0

let server: OmServer
let sshd: Sshd
let moved: Sshd
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
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-trust-'))
  account = makeAccount()
  sshd = await startSshd({
    config: [
      'PasswordAuthentication yes',
      'AuthorizedKeysFile .ssh/authorized_keys',
      'SetEnv OM_TEST=1',
    ],
  })
  moved = await startSshd()
  server = await startOmServer()
  const key = join(folder, 'key')
  writeFileSync(key, moved.key.privateKey, { mode: 0o600 })
  const type = ['--type', 'ssh-key', '--user', moved.user]
  const added = await server.om(['credentials', 'add', 'lab', ...type, '--file', key])
  expect(added.code).toBe(0)
  const at = (name: string, n: number, app: string) =>
    `  - { name: ${name}, address: ${sshd.address(n)}, port: ${sshd.port}, labels: { idc: sz, app: ${app} } }`
  writeFileSync(
    join(folder, 'hosts.yaml'),
    `hosts:
${[1, 2, 3, 4].map((n) => at(`web-${n}`, n, 'nginx')).join('\n')}
${[1, 2].map((n) => at(`db-${n}`, 10 + n, 'mysql')).join('\n')}
  - { name: gone-1, address: ${sshd.address(20)}, port: 1, credential: lab, labels: { idc: sz, app: nginx-old } }
  - { name: moved-1, address: ${moved.address(30)}, port: ${moved.port}, credential: lab, labels: { idc: bj, app: cache } }
`,
  )
  expect((await server.om(['hosts', 'import', join(folder, 'hosts.yaml')])).code).toBe(0)
  browser = await openBrowser()
  const look = { lang: 'en', theme: 'light', ...desktop } as const
  page = await (await openContext(browser, look)).newPage()
  page.setDefaultTimeout(20_000)
  problems = await watchPage(page)
  await signIn(page, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  await sshd?.stop()
  await moved?.stop()
  account?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const keysOfAccount = (): string => {
  try {
    return readFileSync(`/home/${account.name}/.ssh/authorized_keys`, 'utf8')
  } catch {
    return ''
  }
}
const publicKeyOf = async (name: string): Promise<string> => {
  const all = (await server.om(['credentials', 'list', '--json'])).json<{
    items: { name: string; publicKey: string }[]
  }>()
  const { publicKey } = all.items.find((one) => one.name === name) ?? { publicKey: '' }
  return publicKey.split(' ')[1] ?? ''
}

const makeKey = async (name: string): Promise<void> => {
  await page.goto(`${server.url}/credentials?edit=new`)
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByRole('textbox', { name: 'Account' }).fill(account.name)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(`The key of ${name} is made`).waitFor()
}
const openTrust = async (tab: string, selector: string, more = ''): Promise<void> => {
  await page.goto(`${server.url}/trust?tab=${tab}&selector=${encodeURIComponent(selector)}${more}`)
}
const newest = () => page.getByRole('article').first()
const pick = async (label: string, option: string): Promise<void> => {
  await page.getByRole('combobox', { name: label }).click()
  await page
    .locator('.ant-select-item-option')
    .filter({ hasText: option })
    .locator('visible=true')
    .click()
}
const runOn = async (selector: string, hosts: number): Promise<void> => {
  await page.goto(`${server.url}/launch?module=shell&selector=${encodeURIComponent(selector)}`)
  await page.locator('#param-command').fill('echo "I am $(id -un)"')
  await page.getByRole('button', { name: new RegExp(`^Run on ${hosts} host`) }).click()
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
  await page.getByText(`I am ${account.name}`).first().waitFor()
  await page.getByText(`of ${hosts}`, { exact: true }).waitFor()
}

test('a wrong one-time password is reported by its reason, and nothing has changed', async () => {
  await makeKey('fleet')
  await openTrust('establish', 'app=nginx', '&credential=fleet')
  await page.getByRole('textbox', { name: 'Account' }).fill(account.name)
  await page.getByLabel('One-time password').fill('not the password')
  await page.getByRole('button', { name: 'Establish trust with 4 hosts' }).click()
  await newest().getByText('0 of 4 OK').waitFor()
  await newest().getByText('Not let in.').waitFor()
  await newest().getByText('web-1 web-2 web-3 web-4').waitFor()
  await takePicture(page, 'trust-refused-en')
  expect(keysOfAccount()).toBe('')
})

test('one password for all: the key is put, verified, and from then on the way in', async () => {
  await page.getByLabel('One-time password').fill(account.password)
  await page.getByRole('button', { name: 'Establish trust with 4 hosts' }).click()
  await newest()
    .getByRole('listitem')
    .filter({ hasText: 'Log in with it' })
    .getByText('4 of 4 OK')
    .waitFor()
  await takePicture(page, 'trust-established-en')
  expect(await page.getByLabel('One-time password').inputValue()).toBe('')
  expect(keysOfAccount()).toContain(await publicKeyOf('fleet'))
  await runOn('app=nginx', 4)
})

test('a password per host: one of them wrong, that one named', async () => {
  await openTrust('establish', 'app=mysql', '&credential=fleet')
  await page.getByRole('textbox', { name: 'Account' }).fill(account.name)
  await page.getByText('A password per host').click()
  await page
    .getByRole('textbox', { name: /One host a line/ })
    .fill(`db-1 ${account.password}\ndb-2 wrong one\n`)
  await page.getByText('Passwords of 2 hosts read.').waitFor()
  await page.getByRole('button', { name: 'Establish trust with 2 hosts' }).click()
  await newest().getByText('1 of 2 OK').first().waitFor()
  await newest().getByText('Not let in.').waitFor()
  await newest().getByText('db-2', { exact: true }).waitFor()
  await newest()
    .getByRole('listitem')
    .filter({ hasText: 'Log in with it' })
    .getByText('1 of 1 OK')
    .waitFor()
  await runOn('db-1', 1)
})

test('the password is stored nowhere: no file of the data folder has it, no log has it', () => {
  // Without the quotes and the dollar, which every format would write in its own way.
  const secret = account.password.slice(3, 15)
  const files = readdirSync(server.dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(server.dataDir, name))
    .filter((file) => statSync(file).isFile())
  expect(files.some((file) => readFileSync(file).includes(account.name))).toBe(true)
  expect(files.filter((file) => readFileSync(file).includes(secret))).toEqual([])
  expect(server.printed()).not.toContain(secret)
})

test('keys are rotated: the new one is verified, the old one goes, and runs go on', async () => {
  await makeKey('fleet-2')
  const [old, next] = [await publicKeyOf('fleet'), await publicKeyOf('fleet-2')]
  await openTrust('rotate', 'app=nginx')
  await pick('Present key', `fleet (${account.name})`)
  await pick('New key', `fleet-2 (${account.name})`)
  await page.getByRole('button', { name: 'Rotate the keys of 4 hosts' }).click()
  const removed = newest().getByRole('listitem').filter({ hasText: 'Remove the old key' })
  await removed.getByText('4 of 4 OK').waitFor()
  await takePicture(page, 'trust-rotated-en')
  expect(keysOfAccount()).toContain(next)
  expect(keysOfAccount()).not.toContain(old)
  await runOn('app=nginx', 4)
})

test('a check groups the failures by reason and says what to do about each', async () => {
  await openTrust('check', 'app=cache')
  await page.getByRole('button', { name: 'Check 1 host' }).click()
  await newest().getByText('1 of 1 OK').waitFor()
  // Reinstalled: the same address, another host key.
  const { port, key } = moved
  await moved.stop()
  moved = await startSshd({ port })
  moved.authorize(key.publicKey)
  // A connection of db-1 is still open from before its key was taken away: a check must not be fooled by it.
  await openTrust('check', '* !localhost')
  await page.getByRole('button', { name: 'Check 8 hosts' }).click()
  await newest().getByText('4 of 8 OK').waitFor()
  for (const [hosts, what, todo] of [
    ['moved-1', 'The host key has changed.', 'compare fingerprints'],
    ['gone-1', 'Connection refused.', 'sshd is running'],
    ['db-1', 'Not let in.', 'establish trust'],
    ['db-2', 'No credential.', 'Give the host one'],
  ] as const) {
    const group = newest().getByRole('listitem').filter({ hasText: what })
    await group.getByText(hosts, { exact: true }).waitFor()
    expect(await group.textContent()).toContain(todo)
  }
  await takePicture(page, 'trust-check-en')
})

test('a changed host key is compared, accepted, and the host runs again', async () => {
  await page.goto(`${server.url}/hosts`)
  await page.getByRole('link', { name: 'moved-1' }).click()
  await page.getByRole('alert').getByText('The host key has changed').waitFor()
  await takePicture(page, 'host-key-changed-en')
  await page.getByRole('button', { name: 'Compare' }).click()
  const dialog = page.getByRole('dialog')
  const accept = dialog.getByRole('button', { name: 'Accept the new key of moved-1' })
  expect(await accept.isDisabled()).toBe(true)
  await takePicture(page, 'host-key-compare-en')
  await dialog.getByRole('checkbox').check()
  await accept.click()
  await page.getByText('The new key of moved-1 is accepted; it can run again').waitFor()
  await page.getByRole('button', { name: 'Check connectivity' }).click()
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
  await page.getByText('of 1', { exact: true }).waitFor()
  await page.getByText('Succeeded').first().waitFor()
})

test('the same from the command line: trust is a task module like any other', async () => {
  await page.goto(`${server.url}/modules?text=${encodeURIComponent('establish')}`)
  await page.getByRole('link', { name: /trust\.establish/ }).click()
  await page.waitForURL((url) => url.pathname === '/trust')
  expect(new URL(page.url()).searchParams.get('tab')).toBe('establish')
  const file = join(folder, 'password')
  writeFileSync(file, `${account.password}\n`, { mode: 0o600 })
  const params = ['credential=fleet-2', `user=${account.name}`, `password=@${file}`]
  const run = await server.om([
    ...['run', 'trust.establish', '-t', 'db-2', '--json'],
    ...params.flatMap((pair) => ['-p', pair]),
  ])
  expect(run.code, run.stderr).toBe(0)
  expect(run.events().at(-1)).toMatchObject({ type: 'run.ended', status: 'succeeded' })
  expect(run.stdout + run.stderr).not.toContain(account.password.slice(3, 15))
  await expect
    .poll(
      async () => (await server.om(['run', 'shell', '-t', 'db-2', '-p', 'command=id -un'])).stdout,
      { timeout: 20_000 },
    )
    .toContain(account.name)
  const check = await server.om(['run', 'trust.check', '-t', 'app=mysql', '--json'])
  expect(check.events().at(-1)).toMatchObject({ counts: { ok: 1, unreachable: 1 } })
})

test('nothing was wrong in the console, and no rule of the content policy was broken', () => {
  expect(problems).toEqual([])
})
