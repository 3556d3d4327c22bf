// A real Chromium, signed in, in any language, theme and width.

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { ADMIN, type OmServer, PASSWORD } from './omserver.ts'

const executablePath = process.env.OM_CHROMIUM ?? '/usr/bin/chromium'

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface Look {
  readonly lang: 'zh' | 'en'
  readonly theme: 'light' | 'dark'
  readonly width: number
  readonly height: number
}

export const desktop = { width: 1440, height: 900 } as const
export const phone = { width: 375, height: 812 } as const

export const openContext = async (browser: Browser, look: Look): Promise<BrowserContext> => {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    locale: look.lang === 'zh' ? 'zh-CN' : 'en-US',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: true,
  })
  const preferences = JSON.stringify({ lang: look.lang, theme: look.theme })
  await context.addInitScript(
    `if (!localStorage.getItem('om.preferences')) localStorage.setItem('om.preferences', ${JSON.stringify(preferences)})`,
  )
  return context
}

/** Signs in through the page, as a person does. */
export const signIn = async (
  page: Page,
  server: OmServer,
  user = ADMIN,
  password = PASSWORD,
): Promise<void> => {
  await page.goto(`${server.url}/login`)
  await page.locator('input[autocomplete="username"]').fill(user)
  await page.locator('input[autocomplete="current-password"]').fill(password)
  await page.locator('button[type="submit"]').click()
  await page.waitForURL((url) => !url.pathname.startsWith('/login'))
}
