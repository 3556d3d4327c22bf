// The worker behind a file of modules: one at a time, and none left behind.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FileModule } from './file-module.ts'

const looping = `
import { module, sh } from '@omserver/core'
import { z } from 'zod'
export const mine = module({
  name: 'mine',
  title: { zh: '我的', en: 'Mine' },
  summary: { zh: '循环', en: 'Loops' },
  category: 'custom',
  params: z.object({}),
  action: () => { for (;;) {} ; return sh\`true\` },
})
`

test('a module that loops leaves no worker behind, however soon it is asked again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'om-module-'))
  const path = join(dir, 'loop.ts')
  writeFileSync(path, looping)
  const file = new FileModule(path)
  try {
    const ask = () => file.evaluate('mine', {}, false)
    await expect(ask()).rejects.toMatchObject({ code: 'MODULE_TIMEOUT' })
    // At once: the worker of the first question is still being ended.
    await expect(ask()).rejects.toMatchObject({ code: 'MODULE_TIMEOUT' })
    await file.close()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const before = process.cpuUsage()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const { user } = process.cpuUsage(before)
    expect(user / 1000).toBeLessThan(500)
  } finally {
    await file.close()
    rmSync(dir, { recursive: true, force: true })
  }
}, 20_000)
