// Modules that are not built in: files in OM_MODULES, and modules made in the page, from the first line to the export.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { desktop, openBrowser, openContext, signIn } from './support/browser.ts'
import { fileModule } from './support/file-module.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { watchPage } from './support/page-problems.ts'
import { picturesFailure, takePicture } from './support/pictures.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const tools = ['sshd', 'chromium', 'python3'] as const

let server: OmServer
let sshd: Sshd
let browser: Browser
let page: Page
let folder: string
let modules: string
let problems: readonly string[]

beforeEach((context) => {
  needs(context, ...tools)
  picturesFailure(context, () => page)
})
beforeAll(async () => {
  if (missingTools(tools).length > 0) return
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-modules-'))
  modules = join(folder, 'modules')
  mkdirSync(modules)
  sshd = await startSshd()
  server = await startOmServer({ env: { OM_MODULES: modules } })
  const key = join(folder, 'key')
  writeFileSync(key, sshd.key.privateKey, { mode: 0o600 })
  const type = ['--type', 'ssh-key', '--user', sshd.user]
  expect((await server.om(['credentials', 'add', 'lab', ...type, '--file', key])).code).toBe(0)
  const hosts = [0, 1, 2].map(
    (n) =>
      `  - { name: web-${n + 1}, address: ${sshd.address(n)}, port: ${sshd.port}, credential: lab, labels: { idc: sz, app: ${['nginx', 'haproxy', 'nginx'][n]} } }`,
  )
  writeFileSync(join(folder, 'hosts.yaml'), `hosts:\n${hosts.join('\n')}\n`)
  expect((await server.om(['hosts', 'import', join(folder, 'hosts.yaml')])).code).toBe(0)
  browser = await openBrowser()
  const look = { lang: 'en', theme: 'light', ...desktop } as const
  page = await (await openContext(browser, look)).newPage()
  page.setDefaultTimeout(15_000)
  problems = await watchPage(page)
  await signIn(page, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.remove()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const option = (text: string): Locator =>
  page.locator('.ant-select-item-option').filter({ hasText: text, visible: true })

/** A field of the module’s own form. */
const param = (name: string): Locator => page.locator(`#param-${name}`)

const runOnNginx = async (): Promise<void> => {
  await page.getByRole('button', { name: /^Run on 2 hosts/ }).click()
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/)
  await page.getByText('Succeeded').first().waitFor()
}

describe('a file in OM_MODULES', () => {
  test('appears in the open catalogue, and changes when it is saved', async () => {
    await page.goto(`${server.url}/modules`)
    await page.getByRole('heading', { name: 'Services' }).waitFor()
    writeFileSync(join(modules, 'kick.ts'), fileModule('Kick it'))
    await page.getByText('Kick it').waitFor()
    writeFileSync(join(modules, 'kick.ts'), fileModule('Kick it harder'))
    await page.getByText('Kick it harder').waitFor()
  })

  test('has a form whose fields depend on each other and take choices from labels and hosts', async () => {
    await page.getByText('Kick it harder').click()
    await page.waitForURL(/module=app\.kick/)
    await page.goto(`${page.url()}&selector=${encodeURIComponent('app=nginx')}`)
    await page.getByText('Soft').waitFor()
    expect(await param('why').count()).toBe(0)
    await page.getByText('Hard', { exact: true }).click()
    await param('why').fill(`it's "stuck"; reboot $(id)`)
    await param('app').click()
    await option('nginx').click()
    await page.keyboard.press('Escape')
    await param('account').click()
    await option('from-the-host').click()
    await page.keyboard.press('Escape')
    await takePicture(page, 'own-form-en')
    await runOnNginx()
    await page.getByText(`kicked nginx hard it's "stuck"; reboot $(id)`).waitFor()
  })

  test.each([
    [
      'does not compile',
      'export const x = module({',
      /torn\.ts/,
      /Unexpected|Expression expected|Expected/i,
    ],
    ['throws', "throw new Error('no luck today')", /torn\.ts/, /no luck today/],
    ['loops for ever', 'for (;;) {}', /torn\.ts/, /does not finish loading within 10 s/],
  ])('that %s is named with the reason, and harms nobody', async (_, source, file, reason) => {
    await page.goto(`${server.url}/modules`)
    await page.getByText('Kick it harder').waitFor()
    writeFileSync(join(modules, 'torn.ts'), `import { module } from '@omserver/core'\n${source}\n`)
    const alert = page.getByRole('alert').filter({ hasText: file })
    // Loading has ten seconds.
    await alert.getByText(reason).waitFor({ timeout: 30_000 })
    // The others are still there, and the server answers.
    expect(await page.getByText('Kick it harder').count()).toBe(1)
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
    if (source.startsWith('export')) await takePicture(page, 'broken-module-en')
    rmSync(join(modules, 'torn.ts'))
    await alert.waitFor({ state: 'detached' })
  })

  test('whose module loops when it is used says so where it is used', async () => {
    const source = fileModule('Kick it harder').replace('=> sh`', '=> { for (;;); return sh`')
    writeFileSync(
      join(modules, 'slow.ts'),
      source.replace('app.kick', 'app.slow').replace(/-'}`,\n/, "-'}` },\n"),
    )
    await page.goto(`${server.url}/modules`)
    await page.getByText('app.slow').click()
    await page.goto(`${page.url()}&selector=${encodeURIComponent('app=nginx')}`)
    await param('app').click()
    await option('nginx').click()
    await page
      .getByText(/app\.slow.*2 (s|seconds)/)
      .first()
      .waitFor()
    expect((await fetch(`${server.url}/api/health`)).status).toBe(200)
    await takePicture(page, 'module-loops-en')
    rmSync(join(modules, 'slow.ts'))
  })
})

const tricky = `quote ' double " dollar $HOME \`id\`\n$(reboot) {{word}} \\ end`

/** What a script of each language prints of its parameters. */
const scripts = {
  sh: 'printf "<%s>" {{text}} {{lines}} {{many}} {{on}} {{hosts}}\necho end\n',
  bash: 'for one in {{text}} {{lines}} {{many}}; do\n  printf "<%s>" "$one"\ndone\necho " {{on}} {{hosts}}"\n',
  python3: 'print({{text}}, {{lines}}, {{many}}, {{on}}, {{hosts}}, sep="|")\n',
} as const

describe('a module made in the page', () => {
  const addField = async (name: string, kind: string, title: string): Promise<Locator> => {
    await page.getByRole('button', { name: 'Add a parameter' }).click()
    const card = page.locator('ol > li').last()
    await card.getByRole('textbox', { name: 'Parameter' }).fill(name)
    await card.getByRole('combobox', { name: 'Kind' }).click()
    await option(kind).getByText(kind, { exact: true }).click()
    await card.getByRole('textbox', { name: 'Title in Chinese' }).fill(title)
    await card.getByRole('textbox', { name: 'Title in English' }).fill(title)
    return card
  }
  const tab = (name: string) => page.getByRole('tab', { name }).click()
  const tryOutput = () => page.getByRole('region', { name: 'Output' })

  test('gets a form with every kind of field', async () => {
    await page.goto(`${server.url}/modules/custom?id=new`)
    // Nothing is stored of an editor nobody has filled in; each gap is named where it is.
    await page.getByRole('button', { name: 'Save a version' }).click()
    await page.getByText('Write a title, in one language at least.').waitFor()
    await page.getByText(/2 things to fill in or correct: Name and texts/).waitFor()
    await page.locator('#custom-name').fill('app.greet')
    for (const lang of ['Chinese', 'English']) {
      await page.getByRole('textbox', { name: `Title in ${lang}` }).fill('Greet')
      await page.getByRole('textbox', { name: `Summary in ${lang}` }).fill('Says what it was given')
    }
    await tab('Form')
    await page.getByRole('button', { name: 'Remove' }).click()
    for (const [name, kind] of [
      ['text', 'Text'],
      ['lines', 'Long text'],
      ['count', 'Number'],
      ['on', 'Switch'],
      ['agreed', 'Checkbox'],
      ['secret', 'Secret'],
      ['day', 'Date'],
      ['hosts', 'Hosts'],
      ['words', 'List'],
    ] as const) {
      await addField(name, kind, `The ${name}`)
    }
    for (const [name, kind] of [
      ['one', 'Select'],
      ['many', 'Multi-select'],
      ['either', 'Radio'],
    ] as const) {
      const card = await addField(name, kind, `The ${name}`)
      await card.getByRole('textbox', { name: 'Choices' }).fill('a = First\nb = Second')
      await card.getByRole('textbox', { name: 'Choices' }).blur()
    }
    // Shown only while the switch is on: the value compared is no text.
    const count = page.locator('ol > li').filter({ has: page.locator('input[value="count"]') })
    await count.getByRole('combobox', { name: 'Shown' }).click()
    await option('only when The on is …').click()
    await count.getByRole('combobox', { name: '… is one of (commas)' }).click()
    await option('on').getByText('on', { exact: true }).click()
    await page.keyboard.press('Escape')
    expect(await param('count').count()).toBe(0)
    await param('on').click()
    await param('count').waitFor()
    await takePicture(page, 'form-builder-en')
    // What few fields need is behind “more”.
    const text = page.locator('ol > li').filter({ has: page.locator('input[value="text"]') })
    await text.getByText('More: help, example, pattern').click()
    await text.getByRole('textbox', { name: 'Help in English' }).fill('Any words')
    await text.getByRole('textbox', { name: 'Example in the empty field' }).fill('some words')
    const pattern = text.getByRole('textbox', { name: 'Pattern (regular expression)' })
    await pattern.fill('(')
    await text.getByText(/no regular expression/).waitFor()
    await pattern.fill('[^#]*')
    await text.getByText(/no regular expression/).waitFor({ state: 'detached' })
  })

  test('says that it is dangerous and why, how long it may take, as whom it runs and what it prints', async () => {
    await tab('Running')
    await page.getByRole('switch', { name: 'Dangerous' }).click()
    await page.getByRole('textbox', { name: 'Why it is dangerous, in English' }).fill('It shouts')
    const timeout = page.getByRole('textbox', { name: 'Timeout per host (seconds)' })
    await timeout.fill('0')
    await page.getByText('between 1 and 86,400').waitFor()
    await timeout.fill('40')
    await page.getByRole('switch', { name: 'Prints a table' }).click()
    await page.getByRole('textbox', { name: 'Column' }).fill('greeting')
    await takePicture(page, 'module-running-en')
  })

  test('is not thrown away by a word on the keyboard: leaving asks first', async () => {
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    const question = page.getByRole('dialog', { name: 'Discard what is not saved?' })
    await question.getByRole('button', { name: 'Keep editing' }).click()
    await question.waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Hosts', exact: true }).first().click()
    await takePicture(page, 'module-unsaved-en')
    await question.getByRole('button', { name: 'Keep editing' }).click()
    await question.waitFor({ state: 'hidden' })
    expect(page.url()).toContain('/modules/custom')
    await tab('Running')
    expect(
      await page.getByRole('textbox', { name: 'Timeout per host (seconds)' }).inputValue(),
    ).toBe('40')
  })

  test('is tried on one host before it is published, its values quoted whatever they hold', async () => {
    await tab('Script')
    await page.getByRole('textbox', { name: 'Script' }).fill(scripts.sh)
    await page.getByRole('button', { name: 'Save a version' }).click()
    await page.getByText('Saved version 1').waitFor()
    await tab('Try')
    await param('text').fill(tricky.replaceAll('\n', ' '))
    await param('lines').fill(tricky)
    await param('many').click()
    await option('First').click()
    await option('Second').click()
    await page.keyboard.press('Escape')
    await param('on').click()
    await param('hosts').fill('web-1')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await page.getByRole('combobox', { name: 'Try it on' }).click()
    await option('web-2').click()
    await page.getByRole('button', { name: 'Try version 1 on web-2' }).click()
    await tryOutput()
      .getByText(`<${tricky.replaceAll('\n', ' ')}>`)
      .waitFor()
    await takePicture(page, 'module-try-en')
    expect(await tryOutput().textContent()).toContain(`<${tricky}><a><b><true><web-1>`)
    // Nobody else may run it, and it is in no catalogue.
    const refused = await server.om([
      'run',
      'app.greet',
      '-t',
      'app=nginx',
      '-p',
      'text=x',
      '--yes',
    ])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('app.greet')
  })

  test.each([
    ['bash', 2],
    ['python3', 3],
  ] as const)('%s gets the same values', async (interpreter, version) => {
    await tab('Script')
    await page.getByRole('radio', { name: interpreter, exact: true }).check()
    await page.getByRole('textbox', { name: 'Script' }).fill(scripts[interpreter])
    await page.getByRole('textbox', { name: 'What changed (optional)' }).fill(`in ${interpreter}`)
    await page.getByRole('button', { name: 'Save a version' }).click()
    await page.getByText(`Saved version ${version}`).waitFor()
    await tab('Try')
    const again = page.getByRole('button', { name: `Try version ${version} on web-2` })
    await again.click()
    const expected =
      interpreter === 'bash' ? `<${tricky}><a><b> true web-1` : `|${tricky}|['a', 'b']|True|web-1`
    await expect.poll(() => tryOutput().textContent(), { timeout: 15_000 }).toContain(expected)
  })

  test('a script that puts a parameter where it cannot be quoted is refused, with its line', async () => {
    await tab('Script')
    const script = page.getByRole('textbox', { name: 'Script' })
    await script.fill("print('ok')\nprint('{{text}}')\n")
    await page.getByRole('button', { name: 'Save a version' }).click()
    const alert = page.getByRole('alert').filter({ hasText: 'text' }).first()
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/line 2/i)
    await takePicture(page, 'module-refused-en')
    await script.fill(scripts.python3)
  })

  test('versions are compared, one is published, and runs on hosts', async () => {
    await tab('Versions')
    const first = page.getByRole('listitem').filter({ hasText: 'version 1' })
    await first.getByRole('button', { name: 'Compare with now' }).click()
    const diff = page.locator('pre').filter({ hasText: 'printf' })
    await diff.waitFor()
    expect(await diff.textContent()).toContain('sep="|"')
    await takePicture(page, 'module-versions-en')
    await page.getByRole('button', { name: 'Publish version 3' }).first().click()
    await page
      .getByRole('listitem')
      .filter({ hasText: 'version 3' })
      .getByText('published')
      .waitFor()
    await page.goto(
      `${server.url}/launch?module=app.greet&selector=${encodeURIComponent('app=nginx')}`,
    )
    await param('text').fill('plain')
    await param('lines').fill(tricky)
    await page.getByText('Any words').waitFor()
    await page.getByText('It shouts').first().waitFor()
    await page.getByPlaceholder('2', { exact: true }).fill('2')
    await runOnNginx()
    await page.locator('pre').filter({ hasText: 'plain|' }).first().waitFor()
    await page.getByText('2 hosts').first().waitFor()
  })

  test('exported, it is a file that gives the same result from OM_MODULES', async () => {
    await page.goto(`${server.url}/modules/custom`)
    await page.getByRole('button', { name: /Greet/ }).click()
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Export .ts' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).toBe('app.greet.ts')
    const source = readFileSync(await download.path(), 'utf8')
    for (const part of ['It shouts', 'timeoutMs: 40000', 'Any words', 'some words', '[^#]*'])
      expect(source).toContain(part)
    // Under its own name it would stand beside the one in the page.
    writeFileSync(join(modules, 'greet.ts'), source.replace("'app.greet'", "'app.greetFile'"))
    await page.goto(`${server.url}/modules`)
    await page.getByText('app.greetFile').click()
    await page.waitForURL(/app\.greetFile/)
    const outputs = []
    for (const name of ['app.greet', 'app.greetFile']) {
      const values = ['-p', 'text=x', '-p', `lines=${tricky}`, '-p', 'many=["b"]', '-p', 'on=true']
      const run = await server.om(['run', name, '-t', 'web-1', '--json', '--yes', ...values])
      expect(run.stderr).toBe('')
      const id = String(run.events().at(-1)?.id)
      outputs.push((await server.om(['runs', 'output', id])).stdout)
    }
    expect(outputs[0]).toContain(tricky.split('\n')[1])
    expect(outputs[1]).toBe(outputs[0])
  })
})

test('nothing was wrong in the console, and no rule of the content policy was broken', () => {
  expect(problems).toEqual([])
})
