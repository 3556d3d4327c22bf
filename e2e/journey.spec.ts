// A person's first hour in the browser: sign in, import, launch, watch, see a failure, rerun only that, find it in history.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

let server: OmServer
let sshd: Sshd
let browser: Browser
let page: Page
let folder: string
let problems: readonly string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-journey-'))
  sshd = await startSshd({ config: ['MaxStartups 200'] })
  server = await startOmServer()
  const key = join(folder, 'key')
  writeFileSync(key, sshd.key.privateKey, { mode: 0o600 })
  expect(
    (
      await server.om([
        'credentials',
        'add',
        'lab',
        '--type',
        'ssh-key',
        '--user',
        sshd.user,
        '--file',
        key,
      ])
    ).code,
  ).toBe(0)
  const rows = Array.from(
    { length: 12 },
    (_, n) => `web-${n + 1},${sshd.address(n)},${sshd.port},lab,${n < 6 ? '深圳' : '上海'},nginx`,
  )
  writeFileSync(
    join(folder, 'hosts.csv'),
    `主机名,内网IP,端口,凭据,机房,应用\n${rows.join('\n')}\n`,
  )
  expect((await server.om(['hosts', 'import', join(folder, 'hosts.csv')])).code).toBe(0)
  browser = await openBrowser()
  page = await (await openContext(browser, { lang: 'en', theme: 'light', ...desktop })).newPage()
  problems = await watchPage(page)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('launch on real hosts, watch, rerun the failed one, find both in history', async () => {
  await signIn(page, server)
  const marker = join(folder, 'fail-once')
  writeFileSync(marker, '')
  const command = `set -- $SSH_CONNECTION; if [ "$3" = ${sshd.address(4)} ] && [ -e ${marker} ]; then echo broken >&2; exit 3; fi; echo fine`
  await page.goto(`${server.url}/launch?module=shell&selector=${encodeURIComponent('app=nginx')}`)
  await page.locator('#param-command').fill(command)
  await page.getByRole('button', { name: 'Run on 12 hosts · 2 IDCs' }).click()
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
  await page.getByRole('button', { name: 'Rerun the 1 that failed' }).waitFor()
  expect(await page.getByText('Majority: 11 hosts').count()).toBe(1)
  rmSync(marker)
  const first = page.url()
  await page.getByRole('button', { name: 'Rerun the 1 that failed' }).click()
  await page.getByRole('button', { name: 'Run again on 1 host' }).click()
  await page.waitForURL((url) => url.href !== first && /\/runs\/[0-9a-f-]{36}/.test(url.pathname))
  await page.getByText('of 1', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Run again', exact: true }).waitFor()
  await page.goto(`${server.url}/runs`)
  await page.getByText('11/12 ok').waitFor()
  await page.getByText('1/1 ok').waitFor()
  expect(problems).toEqual([])
}, 120_000)
