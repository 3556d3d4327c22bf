// The page without a mouse, and a line to the server that breaks without a word.

import { runRoutes } from '@omserver/api'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'

let server: OmServer
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await startOmServer()
  expect((await server.om(['demo', '--hosts', '30'])).code).toBe(0)
  browser = await openBrowser()
  page = await (await openContext(browser, { lang: 'en', theme: 'light', ...desktop })).newPage()
  await signIn(page, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
})

const press = async (...keys: readonly string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}

test('in the list of hosts j and k move, x ticks, Enter opens', async () => {
  await page.getByRole('link', { name: 'bj-api-001' }).waitFor()
  await press('j', 'j', 'k', 'x')
  await page.getByText('1 host ticked').waitFor()
  expect(await page.getByRole('checkbox', { name: 'Tick bj-api-001' }).isChecked()).toBe(true)
  await press('Enter')
  await page.getByRole('heading', { name: 'bj-api-001' }).waitFor()
})

test('g goes to a page, j to its rows, Enter opens one, / to its search, ? to the help', async () => {
  await press('g', 'm')
  await page.getByText('OS version').waitFor()
  await press('/')
  await page.keyboard.type('uptime')
  await page.getByText('OS version').waitFor({ state: 'detached' })
  await page.evaluate('document.activeElement.blur()')
  await press('?')
  await page.getByRole('dialog').waitFor()
  await press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await press('j', 'Enter')
  await page.waitForURL((url) => url.pathname === '/launch')
  expect(new URL(page.url()).searchParams.get('module')).toBe('system.uptime')
})

test('a server that says nothing is seen within seconds, and nothing is missed when it speaks again', async () => {
  const client = await server.client()
  const run = await client.call(runRoutes.launch, {
    body: {
      module: 'shell',
      params: { command: 'sleep 5' },
      selector: 'bj-api-001',
      confirmHosts: 1,
    },
  })
  await page.goto(`${server.url}/runs/${run.id}`)
  await page.getByText('● live').waitFor()
  process.kill(server.pid, 'SIGSTOP')
  try {
    await page.getByText(/^[3-9] s behind/).waitFor({ timeout: 15_000 })
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
  await page.getByRole('button', { name: 'Run again', exact: true }).waitFor()
  expect(await page.getByText(/behind/).count()).toBe(0)
})
