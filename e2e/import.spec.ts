// Hosts from every kind of file and from a pasted list, in the page: preview, mistakes by line, update, labels, groups.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
let folder: string
let problems: readonly string[]

beforeEach((context) => {
  needs(context, 'chromium')
  picturesFailure(context, () => page)
})
beforeAll(async () => {
  if (missingTools(['chromium']).length > 0) return
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-import-'))
  server = await startOmServer()
  browser = await openBrowser()
  const look = { lang: 'zh', theme: 'light', ...desktop } as const
  page = await (await openContext(browser, look)).newPage()
  page.setDefaultTimeout(10_000)
  problems = await watchPage(page)
  await signIn(page, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

/** Node writes UTF-8 only; every two-byte character of GBK, read once, says how to write it. */
const gbk = (text: string): Buffer => {
  const decoder = new TextDecoder('gbk')
  const bytes = new Map<string, number[]>()
  for (let high = 0x81; high <= 0xfe; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) {
      if (low !== 0x7f) bytes.set(decoder.decode(Uint8Array.of(high, low)), [high, low])
    }
  }
  return Buffer.from([...text].flatMap((char) => bytes.get(char) ?? [...Buffer.from(char)]))
}

interface Host {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly labels: Readonly<Record<string, string>>
}
const hosts = async (): Promise<Readonly<Record<string, Host>>> => {
  const { items } = (await server.om(['hosts', 'list', '--json'])).json<{ items: Host[] }>()
  return Object.fromEntries(items.map((host) => [host.name, host]))
}

const choose = async (name: string, content: string | Buffer): Promise<void> => {
  const file = join(folder, name)
  writeFileSync(file, content)
  await page.goto(`${server.url}/hosts?open=import`)
  await page.locator('input[type="file"]').setInputFiles(file)
}
const confirm = async (button: string, said: string): Promise<void> => {
  await page.getByRole('button', { name: button }).click()
  await page.getByText(said).waitFor()
}

test('a YAML file is shown before it is imported', async () => {
  await choose(
    'hosts.yaml',
    `hosts:
  - { name: web-1, address: 10.0.0.11, labels: { idc: sz, app: nginx } }
  - { name: web-2, address: 10.0.0.12, port: 2222, labels: { idc: sz, app: nginx } }
`,
  )
  await page.getByText('10.0.0.12').waitFor()
  expect(await hosts()).not.toHaveProperty('web-1')
  await takePicture(page, 'import-yaml-zh')
  await confirm('导入：新增 2 台，更新 0 台', '已新增 2 台，更新 0 台')
  expect((await hosts())['web-2']).toMatchObject({
    port: 2222,
    labels: { idc: 'sz', app: 'nginx' },
  })
})

test('a CSV file of a Chinese spreadsheet: GBK, Chinese headers, and the same hosts again are an update', async () => {
  const rows = [
    '主机名,内网IP,机房,应用',
    'web-1,10.0.0.21,深圳,支付网关',
    'db-1,10.0.0.31,上海,订单库',
  ]
  await choose('主机.csv', gbk(rows.join('\r\n')))
  await page.getByText('支付网关').waitFor()
  await page.getByText(/10\.0\.0\.11 → 10\.0\.0\.21/).waitFor()
  await takePicture(page, 'import-update-zh')
  await confirm('导入：新增 1 台，更新 1 台', '已新增 1 台，更新 1 台')
  const all = await hosts()
  expect(all['web-1']).toMatchObject({
    address: '10.0.0.21',
    labels: { idc: '深圳', app: '支付网关' },
  })
  expect(all['db-1']).toMatchObject({ labels: { idc: '上海', app: '订单库' } })
})

test('an Ansible inventory keeps its groups', async () => {
  await choose('inventory.ini', '[cache]\nredis-[1:2] ansible_port=2200\n\n[cache:vars]\nidc=bj\n')
  await page.getByText('redis-2').first().waitFor()
  await confirm('导入：新增 2 台，更新 0 台', '已新增 2 台，更新 0 台')
  expect((await hosts())['redis-2']).toMatchObject({
    port: 2200,
    labels: { 'group.cache': 'yes', idc: 'bj' },
  })
})

test('an unknown column is refused until somebody says what becomes of it', async () => {
  await choose('cmdb.csv', '主机名,内网IP,负责人,资产编号\nerp-1,10.0.2.1,张三,A-1\n')
  const ask = page.getByRole('region', { name: '未识别的列' })
  await ask.getByText('张三').waitFor()
  await page.getByText('有 2 处错误').waitFor()
  await takePicture(page, 'import-unknown-zh')
  const chosen = async (column: string, choice: string) =>
    ask
      .getByRole('radiogroup', { name: `如何处理“${column}”` })
      .getByText(choice, { exact: true })
      .click()
  await chosen('负责人', '作为标签')
  await page.getByText('有 1 处错误').waitFor()
  await chosen('资产编号', '忽略')
  await confirm('导入：新增 1 台，更新 0 台', '已新增 1 台，更新 0 台')
  expect((await hosts())['erp-1']?.labels).toEqual({ 负责人: '张三' })
})

test('mistakes are named by line, and nothing of the file is imported', async () => {
  const before = await hosts()
  await choose(
    'bad.csv',
    '主机名,内网IP,机房\nnew-1,10.0.1.1,深圳\nnew-2,10.0.1.999,深圳\nnew-1,10.0.1.3,深圳\n',
  )
  const list = page.getByRole('list', { name: '错误' })
  await list.getByText('第 3 行').waitFor()
  await list.getByText('第 4 行').waitFor()
  expect(await list.textContent()).toContain('10.0.1.999')
  expect(await list.textContent()).toContain('new-1')
  await takePicture(page, 'import-mistakes-zh')
  expect(await page.getByRole('button', { name: /^导入/ }).last().isDisabled()).toBe(true)
  expect(await hosts()).toEqual(before)
})

test('a pasted list of addresses, labels for many at once, and a saved group', async () => {
  await page.goto(`${server.url}/hosts?open=import`)
  await page.getByText('粘贴 IP 列表').click()
  await page
    .getByRole('textbox', { name: /每行一台/ })
    .fill('10.0.9.1\n10.0.9.2\tapi-2\n10.0.9.3\n')
  await confirm('导入：新增 3 台，更新 0 台', '已新增 3 台，更新 0 台')
  expect(await hosts()).toHaveProperty('api-2')

  await page.goto(`${server.url}/hosts?sel=${encodeURIComponent('10.0.9.0/24')}`)
  await page.getByRole('checkbox', { name: '勾选列出的 3 台' }).click()
  await page.getByRole('button', { name: '为 3 台主机设置标签' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: '标签名' }).fill('app')
  await dialog.getByRole('combobox', { name: '取值' }).fill('接口')
  await takePicture(page, 'label-many-zh')
  await dialog.getByRole('button', { name: '为 3 台主机设置标签' }).click()
  await page.getByText('已更新 3 台主机').waitFor()
  expect((await hosts())['10.0.9.3']).toMatchObject({ labels: { app: '接口' } })

  await page.goto(`${server.url}/hosts?sel=${encodeURIComponent('app=接口')}&open=groups`)
  await page.getByRole('button', { name: '新建分组' }).click()
  await page.getByRole('textbox', { name: '分组名' }).fill('接口组')
  await page.getByRole('button', { name: '保存', exact: true }).click()
  await page.getByText('@接口组').waitFor()
  await takePicture(page, 'group-saved-zh')
  await page.goto(
    `${server.url}/launch?module=system.uptime&selector=${encodeURIComponent('@接口组')}`,
  )
  await page.getByRole('button', { name: /3 台主机/ }).waitFor()
})

test('while the selector is wrong no host is listed and none can be ticked', async () => {
  await page.goto(`${server.url}/hosts?sel=${encodeURIComponent('idc=sz')}`)
  await page.getByRole('link', { name: 'web-2', exact: true }).waitFor()
  const selector = page.getByRole('textbox', { name: '操作对象' })
  await selector.fill('idc=sz,')
  await page.getByText('操作对象有误，未列出主机').waitFor()
  expect(await page.getByRole('link', { name: 'web-2', exact: true }).count()).toBe(0)
  expect(await page.getByRole('checkbox', { name: /勾选列出的/ }).isDisabled()).toBe(true)
  await takePicture(page, 'hosts-wrong-selector-zh')
  await selector.fill('idc=sz')
  await page.getByRole('link', { name: 'web-2', exact: true }).waitFor()
})

test('a host that is half typed is not thrown away by Esc, by Back or by a link', async () => {
  await page.goto(`${server.url}/hosts`)
  await page.getByRole('button', { name: '添加主机' }).click()
  const name = page.getByRole('textbox', { name: '名称', exact: true })
  await name.fill('half-typed')
  const question = page.getByRole('dialog', { name: '放弃未保存的内容？' })
  const stay = async () => {
    await question.getByRole('button', { name: '继续编辑' }).click()
    await question.waitFor({ state: 'hidden' })
    expect(await name.inputValue()).toBe('half-typed')
  }
  await name.press('Escape')
  await takePicture(page, 'hosts-unsaved-zh')
  await stay()
  await page.goBack()
  await stay()
  await name.press('Escape')
  await question.getByRole('button', { name: '放弃', exact: true }).click()
  await question.waitFor({ state: 'hidden' })
  await name.waitFor({ state: 'hidden' })
  // Nothing typed, nothing asked; and Back takes the drawer back.
  await page.getByRole('button', { name: '添加主机' }).click()
  await name.waitFor()
  await page.goBack()
  await name.waitFor({ state: 'hidden' })
  expect(page.url()).toMatch(/\/hosts(\?.*)?$/)
})

test('a port out of range stays as it was typed, with the reason, and is not saved', async () => {
  await page.goto(`${server.url}/hosts?open=add`)
  await page.getByRole('textbox', { name: '名称', exact: true }).fill('port-1')
  await page.getByRole('textbox', { name: '内网 IP' }).fill('10.0.3.1')
  const port = page.getByRole('textbox', { name: '端口' })
  await port.fill('99999')
  await port.blur()
  expect(await port.inputValue()).toBe('99999')
  await page.getByText('端口有误，改正后才能保存。').waitFor()
  const save = page.getByRole('dialog').getByRole('button', { name: '添加主机' })
  expect(await save.getAttribute('aria-disabled')).toBe('true')
  await port.press('Enter')
  expect(await hosts()).not.toHaveProperty('port-1')
})

test('nothing was wrong in the console, and no rule of the content policy was broken', () => {
  expect(problems).toEqual([])
})
