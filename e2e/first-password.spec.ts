// The very first sign-in: the one-time password in the terminal lets in, and must be replaced before anything else.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { openBrowser, openContext, phone, signIn } from './support/browser.ts'
import { ADMIN, type OmServer, PASSWORD, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'
import { picturesFailure, takePicture } from './support/pictures.ts'

let server: OmServer
let browser: Browser
let page: Page
let problems: readonly string[]

beforeEach((context) => {
  needs(context, 'chromium')
  picturesFailure(context, () => page)
})
beforeAll(async () => {
  if (missingTools(['chromium']).length > 0) return
  server = await startOmServer({ env: { OM_ADMIN_PASSWORD: '' }, login: false })
  browser = await openBrowser()
  const look = { lang: 'zh', theme: 'light', ...phone } as const
  page = await (await openContext(browser, look)).newPage()
  page.setDefaultTimeout(15_000)
  problems = await watchPage(page)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
})

test('the one-time password opens one page only, and is worth nothing after it', async () => {
  const once = /one-time password (\S+)/.exec(server.printed())?.[1] ?? ''
  expect(once).not.toBe('')
  await signIn(page, server, ADMIN, once)
  await page.getByRole('heading', { name: '请先修改初始密码' }).waitFor()
  await takePicture(page, 'first-password-zh')
  await page.goto(`${server.url}/hosts`)
  await page.getByRole('heading', { name: '请先修改初始密码' }).waitFor()
  expect(await page.getByText('localhost').count()).toBe(0)

  const current = page.locator('input[autocomplete="current-password"]')
  const [next, again] = [0, 1].map((n) => page.locator('input[autocomplete="new-password"]').nth(n))
  const change = page.getByRole('button', { name: '修改密码' })
  await current.fill(once)
  await next?.fill('short')
  await again?.fill('short')
  await change.click()
  await page.getByRole('alert').waitFor()
  await takePicture(page, 'first-password-weak-zh')
  await next?.fill(PASSWORD)
  await again?.fill(PASSWORD)
  await change.click()
  await page.getByText('localhost').first().waitFor()

  await page.context().clearCookies()
  await page.goto(`${server.url}/login`)
  await page.locator('input[autocomplete="username"]').fill(ADMIN)
  await page.locator('input[autocomplete="current-password"]').fill(once)
  await page.locator('button[type="submit"]').click()
  await page.getByRole('alert').waitFor()
  await signIn(page, server)
  await page.getByText('localhost').first().waitFor()
})

test('nothing was wrong in the console, and no rule of the content policy was broken', () => {
  expect(problems).toEqual([])
})
