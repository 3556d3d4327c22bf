// Pictures of a journey, beside those of the pages, for somebody to look at.

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import type { TestContext } from 'vitest'

const folder = resolve(import.meta.dirname, '../../.cache/screenshots')
mkdirSync(folder, { recursive: true })

export const takePicture = async (page: Page, name: string): Promise<void> => {
  // Taken between two frames of a moving drawer it would show neither state.
  await page.evaluate(
    'Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {})))',
  )
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

/** What was on the screen when a test failed: `failed-….png`. First thing in `beforeEach`. */
export const picturesFailure = ({ onTestFailed, task }: TestContext, page: () => Page): void =>
  onTestFailed(async () => {
    const name = task.name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60)
    await page().screenshot({ path: join(folder, `failed-${name}.png`) })
  })
