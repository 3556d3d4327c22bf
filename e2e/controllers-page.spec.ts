// The page of controllers in a real browser: who is there, what is wrong, and what an administrator does about it.

import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { desktop, openBrowser, openContext, phone, signIn } from './support/browser.ts'
import { type ControllerProcess, startController } from './support/controller.ts'
import { type NatsAccounts, startNatsAccounts } from './support/nats-accounts.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'

const soon = { timeout: 30_000 }
let nats: NatsAccounts
let server: OmServer
let browser: Browser
let page: Page
const controllers: ControllerProcess[] = []

const start = async (name: string, idc: string): Promise<ControllerProcess> => {
  const one = await startController(name, idc, { identity: join(nats.dir, name) })
  controllers.push(one)
  await one.connected()
  return one
}

const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name })

beforeAll(async () => {
  nats = await startNatsAccounts('nats-server', [
    ['server', 'web'],
    ['controller', 'sz-1', 'sz'],
    ['controller', 'sz-2', 'sz'],
  ])
  server = await startOmServer({ command: 'server', args: ['--pki', join(nats.dir, 'web')] })
  await server.om(['demo', '--hosts', '30', '--yes'])
  browser = await openBrowser()
  const context = await openContext(browser, { lang: 'en', theme: 'light', ...desktop })
  page = await context.newPage()
  await signIn(page, server)
  await page.goto(`${server.url}/controllers`)
})
afterAll(async () => {
  await browser?.close()
  for (const one of controllers) await one.kill('SIGKILL')
  await server?.remove()
  await nats?.stop()
})

test('an IDC without a controller says what to do; a controller with a certificate is there without a click', async () => {
  await page.getByText(/without a controller that takes work: .*sz/).waitFor(soon)
  await page
    .getByText(/Issue a certificate for a controller of this IDC/)
    .first()
    .waitFor(soon)
  await start('sz-1', 'sz')
  await rowOf('sz-1').getByText('Online').waitFor(soon)
  await rowOf('sz-1').getByText('Certificate').waitFor(soon)
  await page.getByText(/without a controller that takes work: (?!.*sz)/).waitFor(soon)
})

test('draining says whose runs will wait, and is undone by one click', async () => {
  await rowOf('sz-1').getByRole('button', { name: 'Drain' }).click()
  await page.getByText(/Runs for this IDC will wait.*sz/).waitFor(soon)
  await page.locator('.ant-popconfirm').getByRole('button', { name: 'Drain' }).click()
  await rowOf('sz-1').getByText('Draining').waitFor(soon)
  await start('sz-2', 'sz')
  await rowOf('sz-2').getByText('Online').waitFor(soon)
  await rowOf('sz-1').getByRole('button', { name: 'Take work again' }).click()
  await rowOf('sz-1').getByText('Online').waitFor(soon)
})

test('one that is killed is offline within ten seconds, with advice', async () => {
  const begun = performance.now()
  await controllers[1]?.kill('SIGKILL')
  await rowOf('sz-2').getByText('Offline').waitFor(soon)
  // The page looks every five seconds.
  expect(performance.now() - begun).toBeLessThan(20_000)
  await rowOf('sz-2')
    .getByText(/Look at the log of om controller/)
    .waitFor(soon)
})

test('revoking asks first; the row says who is revoked, and on a phone nothing is wider than the page', async () => {
  await rowOf('sz-2').getByRole('button', { name: 'Revoke' }).click()
  await page.locator('.ant-popconfirm').getByRole('button', { name: 'Revoke' }).click()
  await rowOf('sz-2').getByText('Revoked').waitFor(soon)
  await page.setViewportSize(phone)
  await page.getByText('sz-2').first().waitFor(soon)
  const width = await page.evaluate('document.documentElement.scrollWidth')
  expect(width).toBeLessThanOrEqual(phone.width)
})
