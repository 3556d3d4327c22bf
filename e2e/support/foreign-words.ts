// Words on a page that are not of the language it is shown in: texts a person reads, and labels that are read out.

import type { Page } from 'playwright-core'

// A text, because this file is checked without the types of a browser. Code, names of hosts and the like are data.
const collect = `(() => {
  const seen = new Set()
  for (const element of document.querySelectorAll('body *')) {
    if (element.getClientRects().length === 0 || element.closest('code, pre, textarea, .om-code, .anticon')) continue
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      const text = element.getAttribute(name)
      if (text && !(name === 'aria-label' && element.hasAttribute('aria-labelledby'))) seen.add(text)
    }
    for (const node of element.childNodes) {
      if (node.nodeType === 3 && node.textContent.trim() !== '') seen.add(node.textContent.trim())
    }
  }
  return [...seen]
})()`

const chinese = /[\u3400-\u9fff]/
const latin = /[A-Za-z]{3}/

/** Texts of `page` in the other language. `data`: what is a name or a value, and so is of no language. */
export const foreignWords = async (
  page: Page,
  lang: 'zh' | 'en',
  data: RegExp,
): Promise<readonly string[]> => {
  const texts = await page.evaluate<string[]>(collect)
  const isForeign = (text: string) =>
    lang === 'en' ? chinese.test(text) : latin.test(text) && !chinese.test(text)
  return texts.filter((text) => isForeign(text) && !data.test(text))
}
