// The page of a run: Back undoes what was pressed, what went wrong comes first, and a rerun says what it repeats.

import { runRoutes } from '@omserver/api'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { desktop, type Look, openBrowser, openContext, phone, signIn } from './support/browser.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'

/** Beside other tests, on a machine that is busy. */
const soon = { timeout: 15_000 }

let server: OmServer
let browser: Browser

beforeAll(async () => {
  server = await startOmServer()
  expect((await server.om(['demo', '--hosts', '12'])).code).toBe(0)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
})

const open = async (
  size: Pick<Look, 'width' | 'height'> = desktop,
): Promise<{ page: Page; problems: readonly string[] }> => {
  const context = await openContext(browser, { lang: 'en', theme: 'light', ...size })
  const page = await context.newPage()
  const problems = await watchPage(page)
  await signIn(page, server)
  return { page, problems }
}

const launch = async (command: string): Promise<string> => {
  const client = await server.client()
  const { total } = await client.call(runRoutes.preview, {
    body: { module: 'shell', params: { command }, selector: 'demo=yes' },
  })
  const { id } = await client.call(runRoutes.launch, {
    body: { module: 'shell', params: { command }, selector: 'demo=yes', confirmHosts: total },
  })
  return id
}

const addressOf = (page: Page): string => {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}

test('Back closes the host, then the list, then the run', async () => {
  const id = await launch('echo back')
  const { page, problems } = await open()
  await page.goto(`${server.url}/runs`)
  await page.getByText('echo back').click()
  await page.getByRole('button', { name: 'Run again', exact: true }).waitFor()
  const run = addressOf(page)
  expect(run).toBe(`/runs/${id}`)
  await page.getByRole('tab', { name: /^Hosts/ }).click()
  const rows = page.getByRole('table', { name: 'Results of the hosts' }).getByRole('row')
  await rows.nth(2).waitFor()
  const list = addressOf(page)
  // j points at a row and opens nothing; Enter does.
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  expect(addressOf(page)).toBe(list)
  const name = await rows.nth(2).getByRole('button').textContent()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: name ?? '' }).waitFor()
  await page.goBack()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(addressOf(page)).toBe(list)
  await page.goBack()
  await expect.poll(() => addressOf(page), soon).toBe(run)
  await page.goBack()
  await expect.poll(() => addressOf(page), soon).toBe('/runs')
  // Closed by hand, a host leaves no step behind.
  await page.goForward()
  await page.getByText('Majority').or(page.getByText('12 hosts')).first().waitFor()
  await page
    .getByRole('button', { name: /^Open / })
    .first()
    .click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.goBack()
  await expect.poll(() => addressOf(page), soon).toBe('/runs')
  expect(problems).toEqual([])
  await page.context().close()
})

test('on a phone the hosts that are not ok are named, and one press away', async () => {
  const id = await launch('exit 3')
  const { page } = await open(phone)
  await page.goto(`${server.url}/runs/${id}`)
  await page.getByRole('button', { name: /not ok:$/ }).waitFor()
  const host = page.getByRole('button', { name: /bj-/ }).first()
  const box = await host.boundingBox()
  expect(box?.height).toBeGreaterThanOrEqual(32)
  await host.click()
  await page.getByRole('dialog').waitFor()
  await page.context().close()
})

test('after a crash the hosts whose result is unknown are no failures to be rerun at a press', async () => {
  const id = await launch('sleep 60')
  const client = await server.client()
  const stateOf = async () => (await client.call(runRoutes.show, { params: { id } })).counts
  await expect.poll(async () => (await stateOf()).running, { timeout: 20_000 }).toBeGreaterThan(0)
  const { dataDir } = server
  await server.kill('SIGKILL')
  server = await startOmServer({ dataDir })
  const { page } = await open()
  await page.goto(`${server.url}/runs/${id}`)
  await page.getByRole('button', { name: 'Run again', exact: true }).waitFor({ timeout: 90_000 })
  expect(await page.getByRole('button', { name: /^Rerun .*unknown/ }).count()).toBe(0)
  await page.getByRole('button', { name: 'Run again', exact: true }).click()
  await page.getByRole('menuitem', { name: /Unknown result/ }).click()
  await page.getByRole('dialog').getByText('Look on the host').waitFor()
  await page.context().close()
}, 180_000)

test('a run that switched accounts with a password asks for it before it is run again', async () => {
  const client = await server.client()
  const launched = await client.call(runRoutes.launch, {
    body: {
      module: 'shell',
      params: { command: 'exit 3' },
      selector: 'demo=yes,idc=bj',
      confirmHosts: 4,
      runAs: { user: 'deploy', method: 'sudo', password: 'only once' },
    },
  })
  const { page, problems } = await open()
  await page.goto(`${server.url}/runs/${launched.id}`)
  await page.getByRole('button', { name: 'Rerun the 4 that failed' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run again' })
  const go = dialog.getByRole('button', { name: 'Run again on 4 hosts' })
  await dialog.getByLabel('Password for deploy').waitFor()
  expect(await go.isDisabled()).toBe(true)
  await dialog.getByLabel('Password for deploy').fill('once more')
  await go.click()
  await expect.poll(() => page.url(), soon).not.toContain(launched.id)
  const again = page.url().split('/').at(-1) ?? ''
  const run = await client.call(runRoutes.show, { params: { id: again } })
  expect(run).toMatchObject({ rerunOf: launched.id, runAs: { user: 'deploy' }, total: 4 })
  expect(problems).toEqual([])
  await page.context().close()
})

test('the tabs of a run stay in sight when its answers are scrolled', async () => {
  const id = await launch('exit 0')
  const { page } = await open({ width: 1440, height: 500 })
  await page.goto(`${server.url}/runs/${id}?view=hosts`)
  const tab = page.getByRole('tab', { name: /^Hosts/ })
  await tab.waitFor()
  await page.getByRole('main').evaluate((main) => main.scrollTo(0, main.scrollHeight))
  const box = await tab.boundingBox()
  expect(box?.y).toBeGreaterThanOrEqual(0)
  expect(box?.y).toBeLessThan(500)
  await page.context().close()
})
