// Pictures of a journey, beside those of the pages, for somebody to look at.

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'

const folder = resolve(import.meta.dirname, '../../.cache/screenshots')

export const takePicture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(folder, { recursive: true })
  // Taken between two frames of a moving drawer it would show neither state.
  await page.evaluate(
    'Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})))',
  )
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
