// Projects of playbooks, as people and programs meet them: registered on the page and at the command line, chosen in a
// form, and every task and item of a run shown with what it changed.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { authRoutes, type Client, createClient, hostRoutes, runRoutes } from '@omserver/api'
import { type Controller, type ReportedStep, startController } from '@omserver/controller'
import { type Engine, embeddedEngine } from '@omserver/engine'
import { createServer, type Server } from '@omserver/server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { desktop, type Look, openBrowser, openContext, phone } from './support/browser.ts'
import { addKey } from './support/lab-hosts.ts'
import { ADMIN, type OmResult, PASSWORD, runOm } from './support/omserver.ts'
import { picturesFailure, takePicture } from './support/pictures.ts'
import { endOfRun } from './support/run-on.ts'
import { type Script, scriptedAnsible } from './support/scripted-ansible.ts'
import { startSshd } from './support/sshd.ts'

const home = mkdtempSync(join(tmpdir(), 'om-projects-'))
const repository = join(home, 'playbooks')
const site = '- hosts: all\n  tasks:\n    - ansible.builtin.ping:\n'
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

let engine: Engine
let server: Server
let controller: Controller
let ansible: ReturnType<typeof scriptedAnsible>
let client: Client
let url: string
let browser: Browser
let page: Page
let commit: string

const git = (...args: string[]): string => {
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
  return execFileSync('git', [...author, ...args], { cwd: repository, encoding: 'utf8' }).trim()
}

const commitFiles = (files: Readonly<Record<string, string>>): string => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true })
    writeFileSync(join(repository, path), text)
  }
  git('add', '--all')
  git('commit', '--quiet', '--message=next')
  return git('rev-parse', 'HEAD')
}

const om = (...args: string[]): Promise<OmResult> => runOm(args, { home })

const signIn = async (at: Page): Promise<void> => {
  await at.goto(`${url}/login`)
  await at.locator('input[autocomplete="username"]').fill(ADMIN)
  await at.locator('input[autocomplete="current-password"]').fill(PASSWORD)
  await at.locator('button[type="submit"]').click()
  await at.waitForURL((to) => !to.pathname.startsWith('/login'))
}

const diff = `--- before: /etc/nginx/nginx.conf
+++ after: /etc/nginx/nginx.conf
@@ -1,4 +1,4 @@
 user www-data;
-worker_processes 1;
+worker_processes auto;
 pid /run/nginx.pid;
`
const packages = (item: string, more: Partial<ReportedStep>): ReportedStep => ({
  index: 1,
  name: '安装软件包 packages',
  item,
  state: 'ok',
  changed: false,
  durationMs: 1200,
  ...more,
})

/** web-2 fails at the last item of its second task; web-1 comes to the end. */
const scriptOf = (host: string): Script => {
  const begun: readonly ReportedStep[] = [
    { index: 0, name: 'Gathering Facts', state: 'ok', changed: false, durationMs: 2310 },
    packages('nginx', { changed: true, diff: '+nginx 1.22.1-9\n' }),
    packages('nginx', {}),
  ]
  if (host === 'web-2') {
    const message = 'No package matching ‘redis-server’ is available'
    const failed = packages('redis-server', { state: 'failed', exit: 100, message })
    return { steps: [...begun, failed], end: { state: 'failed', reason: 'exit', exit: 2 } }
  }
  return {
    steps: begun,
    later: [
      packages('redis-server', { changed: true }),
      { index: 2, name: 'nginx.conf', state: 'ok', changed: true, diff, durationMs: 410 },
      { index: 3, name: 'restart nginx', state: 'skipped' },
    ],
    end: { state: 'ok', exit: 0, changed: true },
  }
}

beforeEach((context) => {
  needs(context, 'chromium')
  picturesFailure(context, () => page)
})

beforeAll(async () => {
  if (missingTools(['chromium']).length > 0) return
  mkdirSync(repository)
  git('init', '--quiet', '--initial-branch=main')
  commit = commitFiles({
    'site.yml': site,
    'plays/deploy.yml': site,
    'roles/web/tasks/main.yml': '',
  })
  engine = embeddedEngine()
  server = await createServer({
    engine,
    dataDir: join(home, 'data'),
    port: 0,
    adminPassword: PASSWORD,
    webDir: resolve(import.meta.dirname, '../packages/web/dist'),
  })
  url = await server.listen()
  ansible = scriptedAnsible(engine.blobs, scriptOf)
  const drivers = [ansible.driver]
  const who = { name: 'embedded@test', idcs: 'all-known' } as const
  controller = await startController({ engine, drivers, clock, log: quiet, ...who })
  client = createClient({ baseUrl: url, keepCookies: true })
  await client.call(authRoutes.login, { body: { name: ADMIN, password: PASSWORD } })
  for (const name of ['web-1', 'web-2']) {
    const body = { name, address: '192.0.2.1', driver: 'ansible' } as const
    await client.call(hostRoutes.add, { body })
  }
  const login = ['login', url, '--user', ADMIN, '--password-stdin']
  const signedIn = await runOm(login, { home, input: PASSWORD })
  if (signedIn.code !== 0) throw new Error(signedIn.stderr)
  browser = await openBrowser()
  page = await (await openContext(browser, { lang: 'zh', theme: 'light', ...desktop })).newPage()
  page.setDefaultTimeout(15_000)
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await controller?.stop()
  await server?.close()
  await engine?.close()
  rmSync(home, { recursive: true, force: true })
})

const isAsWideAsPage = async (at: Page, width: number): Promise<void> => {
  expect(await at.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
}

test('an administrator registers a repository on the page, which says what is wrong and what is in it', async () => {
  await page.goto(`${url}/projects`)
  await page.getByText('还没有项目').waitFor()
  await takePicture(page, 'projects-empty-zh')
  await page.getByRole('button', { name: '登记项目' }).first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByLabel('项目').fill('shop')
  await drawer.getByLabel('地址').fill(`${repository}-gone`)
  await drawer.getByRole('button', { name: '保存' }).click()
  await drawer.getByText(/无法读取 Git 仓库 .*-gone/).waitFor()
  await takePicture(page, 'project-unreachable-zh')
  await drawer.getByLabel('地址').fill(repository)
  await drawer.getByLabel('分支、标签或提交').fill('main')
  await drawer.getByRole('button', { name: '保存' }).click()
  const row = page.locator('tbody', { has: page.getByText('shop', { exact: true }) })
  await row.getByText('plays/deploy.yml').waitFor()
  await row.getByText(commit.slice(0, 10)).waitFor()
  expect(await row.textContent()).toContain('site.yml')
  expect(await row.textContent()).not.toContain('roles/web')
})

test('om projects adds a folder, shows what is in it, and refuses what cannot be one', async () => {
  const added = await om('projects', 'add', 'local', '--path', repository)
  expect(added).toMatchObject({ code: 0, stderr: '' })
  expect(added.stdout).toContain('plays/deploy.yml')
  const { items } = (await om('projects', 'list', '--json')).json<{ items: { name: string }[] }>()
  expect(items.map(({ name }) => name)).toEqual(['local', 'shop'])
  expect((await om('projects', 'list')).stdout).toContain(commit.slice(0, 12))
  const next = commitFiles({ 'more.yml': site })
  expect((await om('projects', 'refresh', 'shop', '--json')).json()).toMatchObject({ commit: next })
  git('tag', 'v1', commit)
  const back = await om('projects', 'set', 'shop', '--ref', 'v1', '--json')
  expect(back.json()).toMatchObject({ commit, ref: 'v1', url: repository })
  const twice = await om('projects', 'add', 'shop', '--git', repository)
  expect(twice.code).toBe(2)
  expect(twice.stderr).toContain('A project named shop exists already.')
  expect((await om('projects', 'add', 'x')).stderr).toContain('--path DIR or --git URL')
  const gone = await om('projects', 'add', 'x', '--git', `${repository}-gone`)
  expect(gone.stderr).toMatch(
    /The Git repository .*-gone could not be read: .*Last known commit: –/,
  )
  expect((await om('projects', 'rm', 'local')).code).toBe(0)
  expect((await om('projects', 'show', 'local')).stderr).toContain('There is no project local.')
})

test('a repository behind ssh is opened with a key that is named, and its server must stay who it was', async (context) => {
  needs(context, 'sshd')
  const sshd = await startSshd()
  let other: Awaited<ReturnType<typeof startSshd>> | undefined
  try {
    await addKey(client, 'deploy', sshd.user, sshd.key.privateKey)
    const place = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${repository}`
    const bare = await om('projects', 'add', 'by-ssh', '--git', place)
    expect(bare.stderr).toMatch(/Permission denied|Could not read from remote repository/)
    const add = ['projects', 'add', 'by-ssh', '--git', place, '--credential', 'deploy', '--json']
    const added = await om(...add)
    expect(added.stderr).toBe('')
    expect(added.json()).toMatchObject({ commit: git('rev-parse', 'main') })
    await sshd.stop()
    other = await startSshd({ port: sshd.port })
    other.authorize(sshd.key.publicKey)
    const refreshed = await om('projects', 'refresh', 'by-ssh')
    expect(refreshed.stderr).toContain(`Last known commit: ${git('rev-parse', 'main')}`)
  } finally {
    await (other ?? sshd).stop()
  }
  expect((await om('projects', 'rm', 'by-ssh')).code).toBe(0)
})

test('om run carries project, playbook and variables there, and tells tasks and items as they end', async () => {
  const what = ['ansible.playbook', '-p', 'project=shop', '-p', 'playbook=site.yml']
  const misspelt = await om(
    'run',
    'ansible.playbook',
    '-p',
    'project=shop',
    '-p',
    'playbook=stie.yml',
    '-t',
    'web-2',
  )
  expect(misspelt.stderr).toContain('The project shop has no playbook stie.yml. Similar: site.yml')
  const vars = ['-p', 'vars={"x":"{{ y }}"}']
  const ran = await om('run', ...what, ...vars, '-t', 'web-2', '--check', '--json', '--yes')
  expect(ran.code).toBe(1)
  const played = ansible.played.at(-1)
  expect(played).toMatchObject({ check: true, hosts: ['web-2'], text: site })
  expect(played?.action).toMatchObject({ vars: { x: '{{ y }}' }, source: { commit } })
  const events = ran.events()
  const steps = events.filter(({ type }) => type === 'host.step')
  expect(steps).toHaveLength(4)
  expect(steps[1]).toMatchObject({
    host: 'web-2',
    index: 1,
    task: '安装软件包 packages',
    item: 'nginx',
    state: 'ok',
    changed: true,
    diff: '+nginx 1.22.1-9\n',
    exit: null,
    durationMs: 1200,
  })
  expect(steps[3]).toMatchObject({ item: 'redis-server', state: 'failed', exit: 100 })
  const id = String(events.at(-1)?.['id'])
  const shown = await om('runs', 'show', id)
  expect(shown.stdout).toMatch(new RegExp(`project: shop  commit ${commit}  sha256 [0-9a-f]{64}`))
  const told = await om('run', ...what, '-t', 'web-2', '--yes')
  expect(told.stdout).toContain('Failed tasks')
  expect(told.stdout).toContain('web-2 (redis-server): No package matching')
  expect(told.stdout).toMatch(/Changed by\n +~ 安装软件包 packages +1 host/)
  const output = await om('runs', 'output', id, '--host', 'web-2')
  expect(output.stderr).toMatch(/安装软件包 packages \(redis-server\) +failed +100/)
  expect(output.stderr).toContain('+nginx 1.22.1-9')
})

test('the form offers the projects, and the playbooks of the one that is chosen', async () => {
  await page.goto(`${url}/launch?module=ansible.playbook&selector=web-1`)
  await page.locator('#param-project').click()
  await page.locator('.ant-select-item-option', { hasText: 'shop' }).click()
  await page.locator('#param-playbook').click()
  const playbook = page.locator('.ant-select-item-option', { hasText: 'plays/deploy.yml' })
  await playbook.waitFor()
  await takePicture(page, 'launch-playbook-zh')
  await playbook.click()
  await page.getByText('ansible-playbook plays/deploy.yml').waitFor()
  await page.getByRole('button', { name: '在 1 台主机上执行' }).click()
  await page.waitForURL(/\/runs\//)
  await page.getByRole('heading', { name: '执行 Ansible Playbook' }).waitFor()
  expect(ansible.played.at(-1)?.action).toMatchObject({ playbook: 'plays/deploy.yml' })
  ansible.goOn()
})

const looks: readonly (Look & { readonly name: string })[] = [
  { name: 'zh-dark-phone', lang: 'zh', theme: 'dark', ...phone },
  { name: 'en-dark', lang: 'en', theme: 'dark', ...desktop },
  { name: 'en-light-phone', lang: 'en', theme: 'light', ...phone },
]

test('the drawer of a host shows tasks and items while they come, with a diff to unfold', async () => {
  const params = { project: 'shop', playbook: 'site.yml' }
  const body = { module: 'ansible.playbook', params, selector: 'web-1 web-2', confirmHosts: 2 }
  const { id } = await client.call(runRoutes.launch, { body })
  const host = await client.call(hostRoutes.show, { params: { id: 'web-1' } })
  await page.goto(`${url}/runs/${id}?host=${host.id}`)
  const panel = page.getByRole('dialog')
  await panel.getByRole('heading', { name: '2 个任务 · 1 个有变更' }).waitFor()
  const items = panel.locator('ul li')
  expect(await items.count()).toBe(2)
  ansible.goOn()
  await panel.getByRole('heading', { name: '4 个任务 · 2 个有变更' }).waitFor()
  expect(await items.locator('code').allTextContents()).toEqual(['nginx', 'nginx', 'redis-server'])
  expect(await panel.getByText('worker_processes auto;').isVisible()).toBe(false)
  await panel.getByText('差异：2 行').click()
  await panel.getByText('+worker_processes auto;').waitFor()
  await takePicture(page, 'run-host-tasks-zh')
  await endOfRun(client, id)
  await page.goto(`${url}/runs/${id}`)
  await page
    .getByText(`提交 ${commit.slice(0, 12)}`)
    .first()
    .waitFor()
  await page.getByRole('tab', { name: '任务' }).click()
  await page.getByText('No package matching').waitFor()
  await takePicture(page, 'run-of-project-zh')
  await page.getByRole('button', { name: 'web-2' }).last().click()
  await page.getByRole('dialog').getByText('redis-server', { exact: true }).waitFor()
  for (const look of looks) {
    const context = await openContext(browser, look)
    await context.addCookies(await page.context().cookies())
    const at = await context.newPage()
    at.setDefaultTimeout(15_000)
    await at.goto(`${url}/runs/${id}?host=${host.id}`)
    const summary = look.lang === 'zh' ? '差异：2 行' : 'Difference: 2 lines'
    await at.getByRole('dialog').getByText(summary).click()
    await at.getByText('+worker_processes auto;').scrollIntoViewIfNeeded()
    await isAsWideAsPage(at, look.width)
    await takePicture(at, `run-host-tasks-${look.name}`)
    await at.goto(`${url}/projects`)
    await at.getByText(commit.slice(0, 10)).waitFor()
    await isAsWideAsPage(at, look.width)
    await takePicture(at, `projects-${look.name}`)
    await at.goto(`${url}/runs/${id}?host=${await idOf('web-2')}`)
    await at.getByText('No package matching').first().waitFor()
    await takePicture(at, `run-host-failed-task-${look.name}`)
    await context.close()
  }
})

const idOf = async (name: string): Promise<string> =>
  (await client.call(hostRoutes.show, { params: { id: name } })).id
