// What a host prints is shown, never believed: markup and terminal escapes stay text in every view of a run.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
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
  server = await startOmServer()
  browser = await openBrowser()
  const look = { lang: 'zh', theme: 'dark', ...desktop } as const
  page = await (await openContext(browser, look)).newPage()
  page.setDefaultTimeout(15_000)
  problems = await watchPage(page)
  await signIn(page, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
})

const markup = `<img src="x" class="evil" onerror="window.evil=1"><script>window.evil=1</script>`
const link = '<a class="evil" href="javascript:window.evil=1">more</a>'
const shown = `${markup}${link}`

/** Elements that came from the output, and whether any of it has run. */
const evil = () =>
  page.evaluate<number>(
    `document.querySelectorAll('.evil, pre img, pre script, pre a').length + (window.evil ?? 0)`,
  )

test('in the answers, on the host, in the search and in what ran', async () => {
  // Also a title, a cleared screen, a hidden text and a return to the start of the line.
  const command = `printf '%s\\n' '${shown}'; printf '\\033]0;owned\\007\\033[2J\\033[31mred\\033[0m\\033[8mhidden\\033[0m\\n'`
  await page.goto(`${server.url}/launch?module=shell&selector=localhost`)
  await page.locator('#param-command').fill(command)
  await page.getByRole('button', { name: /1 台主机/ }).click()
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
  const output = page.locator('pre').filter({ hasText: 'redhidden' }).first()
  await output.waitFor()
  const text = await output.textContent()
  expect(text).toContain(shown)
  expect(text?.includes('\u001b')).toBe(false)
  await takePicture(page, 'hostile-answers-zh')
  expect(await evil()).toBe(0)
  expect(await page.title()).not.toContain('owned')

  await page.getByRole('button', { name: /localhost/ }).click()
  await page.getByRole('dialog').locator('pre').filter({ hasText: 'redhidden' }).waitFor()
  expect(await page.getByRole('dialog').locator('pre').textContent()).toContain(shown)
  expect(await evil()).toBe(0)
  await takePicture(page, 'hostile-host-zh')

  const here = new URL(page.url())
  await page.goto(`${here.origin}${here.pathname}?view=search`)
  await page
    .getByRole('tabpanel')
    .getByRole('searchbox')
    .or(page.getByRole('tabpanel').getByRole('textbox'))
    .first()
    .fill('onerror')
  await page.keyboard.press('Enter')
  await page.getByText(markup).first().waitFor()
  expect(await evil()).toBe(0)

  await page.goto(`${here.origin}${here.pathname}?view=action`)
  await page.locator('pre').filter({ hasText: 'onerror' }).waitFor()
  expect(await evil()).toBe(0)
  await page.goto(`${server.url}/runs`)
  await page.getByText('1/1').first().waitFor()
  expect(await evil()).toBe(0)
})

test('nothing was wrong in the console, and no rule of the content policy was broken', () => {
  expect(problems).toEqual([])
})
