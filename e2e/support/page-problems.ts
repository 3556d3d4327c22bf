// What a page does wrong while it is used: errors thrown, errors in its console, breaches of the content policy.

import type { Page } from 'playwright-core'

// A refusal (4xx) is an answer, and the browser writes one line for each; anything else that fails to load is not.
const isRefusal = (text: string, url: string): boolean =>
  /the server responded with a status of 4\d\d/.test(text) &&
  new URL(url).pathname.startsWith('/api/')

/** Filled as it happens; a test ends with `expect(problems).toEqual([])`. Call it before the page goes anywhere. */
export const watchPage = async (page: Page): Promise<readonly string[]> => {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`thrown: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    const { url } = message.location()
    if (url.startsWith('http') && isRefusal(message.text(), url)) return
    problems.push(`console: ${message.text()} (${url} on ${page.url()})`)
  })
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    console.error('content policy: ' + event.violatedDirective + ' ' + event.blockedURI))`)
  return problems
}
