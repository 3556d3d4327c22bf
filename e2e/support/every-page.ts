// Every page in one language, both themes, on a desktop and on a phone: no overflow, no missing or foreign text, no axe
// violation. A file for each language, so that they run side by side.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { desktop, type Look, openBrowser, openContext, phone, signIn } from './browser.ts'
import { foreignWords } from './foreign-words.ts'
import { type OmServer, startOmServer } from './omserver.ts'
import { watchPage } from './page-problems.ts'

const pictures = resolve(import.meta.dirname, '../../.cache/screenshots')
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)

let server: OmServer
let browser: Browser
let runId = ''

const pages: readonly (readonly [string, () => string])[] = [
  ['hosts', () => '/hosts'],
  ['host', () => '/hosts/bj-api-001'],
  ['modules', () => '/modules'],
  ['projects', () => '/projects'],
  ['custom-modules', () => '/modules/custom?id=new'],
  ['launch', () => '/launch?module=service.restart&selector=app%3Dnginx'],
  ['run', () => `/runs/${runId}`],
  ['run-table', () => `/runs/${runId}?view=table`],
  ['run-hosts', () => `/runs/${runId}?view=hosts`],
  ['history', () => '/runs'],
  ['files', () => '/files'],
  ['credentials', () => '/credentials'],
  ['trust', () => '/trust'],
  ['controllers', () => '/controllers'],
  ['users', () => '/users'],
  ['activity', () => '/activity'],
  ['settings', () => '/settings'],
]

/** Names and values that stand on these pages; the language switch says the other language in its own words. */
const data = new RegExp(
  `^(${[
    'OMServer|admin|system|localhost|li\\.lei|nginx|English|中|中文|(EN|中) – .*',
    '(bj|sh|sz)-[a-z]+-\\d+.*|127\\.[\\d.]+|idc › business › app|idc|business|app|role|env|demo',
    '((app|role|env|demo|business|idc)=)?(sim|java|api|prod|staging|test|yes|redis|cache|mysql|haproxy|prometheus|mon|kafka|nginx|web|db|lb|mq|bj|sh|sz|商城|基础设施|搜索|支付|消息)',
    '[a-z]+\\.[A-Za-z]+( [0-9a-f-]{36})?|token:.*|om@.*|service\\.\\*.*|.*@env=staging.*',
    'Ansible|Playbook|ansible-playbook .*',
    'embedded@.*|(\\d+\\.\\d+\\.\\d+ )?local ssh sim|web-\\[1-20\\].*|Debian GNU/Linux .*|openEuler .*|6\\.1\\.0-.*|5\\.10\\.0-.*|cannot allocate memory|UTF-8',
  ].join('|')})$`,
)

const looksIn = (lang: Look['lang']): readonly Look[] =>
  (['light', 'dark'] as const).flatMap((theme) =>
    [desktop, phone].map((size) => ({ lang, theme, ...size })),
  )
const nameOf = (look: Look) => `${look.lang}-${look.theme}-${look.width}`

/** Still when the network is and nothing spins. */
const settle = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor()
  await page.locator('.ant-spin-spinning').first().waitFor({ state: 'detached' })
  await page.evaluate('document.fonts.ready.then(() => undefined)')
}

interface AxeFinding {
  readonly id: string
  readonly where: readonly string[]
}

// Texts, because this file is checked without the types of a browser.
// antd keeps the button for tabs that do not fit inside the tablist itself; nothing of ours can move it.
const runAxe = `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }).then(({ violations }) =>
  violations
    .map((one) => ({
      id: one.id,
      where: one.nodes
        .map((node) => node.html.slice(0, 200))
        .filter((html) => !(one.id === 'aria-required-children' && html.includes('ant-tabs-nav'))),
    }))
    .filter((one) => one.where.length > 0))`

const check = async (page: Page, name: string, lang: Look['lang']): Promise<string[]> => {
  const problems: string[] = []
  const overflow = await page.evaluate<number>(
    'document.documentElement.scrollWidth - window.innerWidth',
  )
  if (overflow > 0) problems.push(`${name}: ${overflow}px wider than the screen`)
  const text = await page.evaluate<string>('document.body.innerText')
  // i18next shows the key itself where a text is missing.
  const key =
    /^(?:app|ui|hosts|runs|modules|users|trust|activity|settings|status|auth|credentials|files)\.[a-z][A-Za-z.]*$/
  const missing = text.split(/\s+/).filter((word) => key.test(word) && /[A-Z]/.test(word))
  if (missing.length > 0) problems.push(`${name}: texts missing: ${missing.slice(0, 5).join(', ')}`)
  const foreign = await foreignWords(page, lang, data)
  if (foreign.length > 0)
    problems.push(`${name}: not in ${lang}: ${foreign.slice(0, 8).join(' | ')}`)
  await page.evaluate(axeSource)
  const found = await page.evaluate<AxeFinding[]>(runAxe)
  return [...problems, ...found.map((one) => `${name}: axe ${one.id}: ${one.where.join(' | ')}`)]
}

export const checkEveryPage = (lang: Look['lang']): void => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    server = await startOmServer()
    expect((await server.om(['demo', '--hosts', '200'])).code).toBe(0)
    const run = await server.om(['run', 'system.release', '-t', 'demo=yes', '--yes', '--json'])
    const end = run.events().at(-1)
    runId = String(end?.['id'])
    await server.om(['groups', 'add', 'nginx', 'app=nginx'])
    await server.om(
      [
        'users',
        'add',
        'li.lei',
        '--role',
        'operator',
        '--grant',
        'service.*@env=staging',
        '--password-stdin',
      ],
      {
        input: 'another long passphrase',
      },
    )
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.remove()
  })

  describe.each(looksIn(lang).map((look) => [nameOf(look), look] as const))(
    '%s',
    (lookName, look) => {
      test('the sign-in page and every page behind it', async () => {
        const context = await openContext(browser, look)
        const page = await context.newPage()
        const errors = await watchPage(page)
        const problems: string[] = []
        await page.goto(`${server.url}/login`)
        await settle(page)
        writeFileSync(join(pictures, `login-${lookName}.png`), await page.screenshot())
        problems.push(...(await check(page, 'login', look.lang)))
        await signIn(page, server)
        for (const [name, path] of pages) {
          await page.goto(server.url + path())
          await settle(page)
          writeFileSync(join(pictures, `${name}-${lookName}.png`), await page.screenshot())
          problems.push(...(await check(page, name, look.lang)))
        }
        await context.close()
        expect(problems).toEqual([])
        expect(errors).toEqual([])
      }, 180_000)
    },
  )
}
