// An action of several steps: which of them ran, how each ended, and which was left out, on the screen and for programs.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, hostRoutes, runRoutes } from '@omserver/api'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { picturesFailure, takePicture } from './support/pictures.ts'
import { endOfRun } from './support/run-on.ts'

let server: OmServer
let client: Client
let browser: Browser
let page: Page
let folder: string

beforeEach((context) => {
  needs(context, 'chromium')
  picturesFailure(context, () => page)
})
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-steps-'))
  if (missingTools(['chromium']).length > 0) return
  server = await startOmServer()
  client = await server.client()
  browser = await openBrowser()
  page = await (await openContext(browser, { lang: 'zh', theme: 'light', ...desktop })).newPage()
  page.setDefaultTimeout(15_000)
  await signIn(page, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  rmSync(folder, { recursive: true, force: true })
})

const sync = async (): Promise<string> => {
  const params = {
    content: 'listen 80;\n',
    dest: join(folder, 'app.conf'),
    onChange: 'reload',
    service: 'no-such-service',
  }
  const body = { module: 'app.sync', params, selector: 'localhost', confirmHosts: 1 }
  const { id } = await client.call(runRoutes.launch, { body })
  await endOfRun(client, id)
  return id
}

/** What the panel of the host says about its steps, a line each. */
const panelOf = async (id: string): Promise<readonly string[]> => {
  const host = await client.call(hostRoutes.show, { params: { id: 'localhost' } })
  await page.goto(`${server.url}/runs/${id}?host=${host.id}`)
  const panel = page.getByRole('dialog')
  await panel.getByRole('heading', { name: '步骤 2 / 2' }).waitFor()
  return panel.getByRole('listitem').allTextContents()
}

test('the step that failed, and the one before it that changed something', async () => {
  const id = await sync()
  expect(readFileSync(join(folder, 'app.conf'), 'utf8')).toBe('listen 80;\n')
  const [copy = '', reload = '', ...more] = await panelOf(id)
  expect(more).toEqual([])
  expect(copy).toMatch(/^copy成功.*有变更/)
  expect(reload).toMatch(/^reload失败退出码 [1-9]/)
  await takePicture(page, 'run-host-steps-zh')
  const text = await server.om(['runs', 'output', id, '--host', 'localhost'])
  expect(text.stderr).toMatch(/1\/2 copy +ok .*yes/)
  expect(text.stderr).toMatch(/2\/2 reload +failed/)
  expect(text.stdout).not.toContain('1/2')
})

test('a step that its condition left out', async () => {
  const id = await sync()
  const [copy = '', reload = ''] = await panelOf(id)
  expect(copy).toMatch(/^copy成功.*无变更/)
  expect(reload).toBe('reload已跳过条件不成立')
  const json = await server.om(['runs', 'output', id, '--host', 'localhost', '--json'])
  expect(json.json()).toMatchObject({
    stepNames: ['copy', 'reload'],
    steps: [
      { name: 'copy', state: 'ok', changed: false },
      { name: 'reload', state: 'skipped', exit: null },
    ],
  })
  const followed = await server.om(['runs', 'follow', id, '--json'])
  const lines = followed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const steps = lines.filter(({ type }) => type === 'host.step')
  expect(steps).toMatchObject([
    { host: 'localhost', index: 0, step: 'copy', state: 'ok' },
    { host: 'localhost', index: 1, step: 'reload', state: 'skipped' },
  ])
})
