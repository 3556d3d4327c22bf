// The form of a launch: nothing typed for one thing confirms another, nothing typed is lost or replaced.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { ADMIN, type OmServer, PASSWORD, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'

/** Beside other tests, on a machine that is busy. */
const soon = { timeout: 15_000 }

let server: OmServer
let browser: Browser
let page: Page
let problems: readonly string[]

beforeAll(async () => {
  server = await startOmServer()
  expect((await server.om(['demo', '--hosts', '60'])).code).toBe(0)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
})
beforeEach(async () => {
  page = await (await openContext(browser, { lang: 'en', theme: 'light', ...desktop })).newPage()
  problems = await watchPage(page)
  await signIn(page, server)
})

const launch = (search: string) => page.goto(`${server.url}/launch?${search}`)
const param = (name: string) => page.locator(`#param-${name}`)
const go = (hosts: string) => page.getByRole('button', { name: `Run on ${hosts}` })

test('a number typed to confirm is gone when the hosts or the parameters become others', async () => {
  await launch('module=service.stop&selector=bj-db-001')
  const count = page.getByLabel('Type 1, the number of hosts, to confirm')
  const confirm = async () => {
    await count.fill('1')
    await expect.poll(() => go('1 host').isEnabled(), soon).toBe(true)
  }
  await param('service').fill('nginx')
  await confirm()
  await param('service').fill('mysql')
  await page.getByText('systemctl stop mysql').first().waitFor()
  expect(await count.inputValue()).toBe('')
  expect(await go('1 host').isEnabled()).toBe(false)
  await confirm()
  await page.getByRole('textbox', { name: 'Selector' }).fill('bj-api-001')
  await page.getByRole('region', { name: 'Run' }).getByText('bj-api-001').waitFor()
  expect(await count.inputValue()).toBe('')
  expect(await go('1 host').isEnabled()).toBe(false)
  await page.context().close()
})

test('the hosts that are picked stand first in the list, and by name in the preview', async () => {
  await launch('module=system.uptime&selector=sz-web-001')
  await page.getByText('sz-web-001').nth(1).waitFor()
  const first = page.getByRole('table', { name: 'Hosts' }).getByRole('row').nth(1)
  await first.getByText('sz-web-001').waitFor()
  // Ticked further down, a row stays where it is.
  const third = page.getByRole('table', { name: 'Hosts' }).getByRole('row').nth(3)
  const name = await third.getByRole('cell').nth(1).textContent()
  await third.getByRole('checkbox').click()
  await go('2 hosts').waitFor()
  expect(await third.getByRole('cell').nth(1).textContent()).toBe(name)
  await page.context().close()
})

test('a number out of its limits, or none at all, is refused at its field and stays as it was typed', async () => {
  await launch('module=system.uptime&selector=bj-db-001')
  await go('1 host').waitFor()
  await page.getByText('Strategy:').click()
  for (const [label, typed, reason] of [
    ['Hosts in flight at once', '99999', 'This must be between 1 and 10,000.'],
    ['Hosts in flight at once', 'many', 'This is not a number.'],
    ['Rolling batches', '1,x', /x/],
  ] as const) {
    const field = page.getByLabel(label, { exact: true })
    await field.fill(typed)
    await field.press('Tab')
    await page.getByRole('alert').getByText(reason).waitFor()
    expect(await field.inputValue()).toBe(typed)
    expect(await go('1 host').isEnabled()).toBe(false)
    await field.fill('')
  }
  await expect.poll(() => go('1 host').isEnabled(), soon).toBe(true)
  await page.context().close()
})

test('a session that ends while a command is being written: sign in over the page, and press again', async () => {
  await launch('module=shell&selector=bj-db-001')
  await param('command').fill('echo written for an hour')
  await expect.poll(() => go('1 host').isEnabled(), soon).toBe(true)
  const db = new DatabaseSync(join(server.dataDir, 'omserver.db'), { timeout: 10_000 })
  expect(db.prepare('update sessions set expires_at = 1').run().changes).toBeGreaterThan(0)
  db.close()
  await go('1 host').click()
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.waitFor()
  expect(await dialog.getByText(ADMIN, { exact: true }).count()).toBe(1)
  await dialog.locator('input[type=password]').fill('not this one')
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await dialog.getByRole('alert').waitFor()
  await dialog.locator('input[type=password]').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(new URL(page.url()).pathname).toBe('/launch')
  expect(await param('command').inputValue()).toBe('echo written for an hour')
  await expect.poll(() => go('1 host').isEnabled(), soon).toBe(true)
  await go('1 host').click()
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
  expect(problems).toEqual([])
  await page.context().close()
})

test('what was filled in is there again after a reload and another page, but never a secret', async () => {
  await launch('module=shell&selector=bj-db-001')
  await param('command').fill('echo kept')
  await go('1 host').waitFor()
  await page.reload()
  await expect.poll(() => param('command').inputValue(), soon).toBe('echo kept')
  await page.getByText('Account and credential').click()
  await page.getByLabel('Run as', { exact: true }).fill('app')
  await page.getByLabel('Password', { exact: true }).fill('not to be kept')
  await page.getByRole('link', { name: 'Runs' }).first().click()
  await page.getByRole('heading', { name: 'Runs' }).waitFor()
  await page.goBack()
  await expect.poll(() => param('command').inputValue(), soon).toBe('echo kept')
  await page.getByText('Account and credential').click()
  expect(await page.getByLabel('Run as', { exact: true }).inputValue()).toBe('app')
  expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('')
  expect(await page.evaluate<string>('JSON.stringify(sessionStorage)')).not.toContain('not to be')
  // Signed out, nothing is left behind.
  await page.getByRole('button', { name: /admin/ }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/login/)
  expect(await page.evaluate<string>('JSON.stringify(sessionStorage)')).not.toContain('echo kept')
  await page.context().close()
})

test('Back from a run shows what was launched', async () => {
  await launch('module=shell&selector=sz-web-001')
  await param('command').fill('echo once')
  await expect.poll(() => go('1 host').isEnabled(), soon).toBe(true)
  await go('1 host').click()
  await expect.poll(() => page.url(), soon).toContain('/runs/')
  await page.goBack()
  await expect.poll(() => param('command').inputValue(), soon).toBe('echo once')
  expect(await page.getByRole('textbox', { name: 'Selector' }).inputValue()).toBe('sz-web-001')
  expect(problems).toEqual([])
  await page.context().close()
})

test('a module that there is not is named', async () => {
  await launch('module=no.such&selector=bj-db-001')
  await page.getByRole('alert').getByText('no.such').waitFor()
  await page.context().close()
})

test('a launch says whether it is detached, before and after; and why it cannot be', async () => {
  await launch('module=shell&selector=bj-db-001')
  await param('command').fill('echo done')
  await go('1 host').waitFor()
  await page.getByText('Strategy:').click()
  const detached = page.getByRole('switch', { name: 'Detached' })
  const says = page.getByText('Detached: the commands go on by themselves')
  expect(await detached.isChecked()).toBe(false)
  expect(await says.count()).toBe(0)
  await page.getByLabel('Time for one host (s)').fill('601')
  await says.waitFor()
  expect(await detached.isChecked()).toBe(true)
  await detached.click()
  await says.waitFor({ state: 'detached' })
  await detached.click()
  await says.waitFor()
  await expect.poll(() => go('1 host').isEnabled(), soon).toBe(true)
  await go('1 host').click()
  await page.getByText('detached', { exact: true }).waitFor()
  await launch('module=service.restart&selector=bj-db-001')
  await param('service').fill('nginx')
  await page.getByText('Strategy:').click()
  await detached.click()
  await says.waitFor()
  await page.getByRole('switch', { name: 'check mode' }).click()
  await page.getByText('Not detached: check mode changes nothing').waitFor()
  expect(problems).toEqual([])
  await page.context().close()
})
