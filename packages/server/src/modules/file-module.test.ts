// The process behind a file of modules: one at a time, and none left behind.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { childrenOf } from '../testing/children-of.ts'
import { FileModule } from './file-module.ts'
import { ModuleProcesses } from './module-processes.ts'

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

test('a module that loops leaves no process behind, however soon it is asked again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'om-module-'))
  const path = join(dir, 'loop.ts')
  writeFileSync(path, looping)
  const file = new FileModule(path, new ModuleProcesses())
  try {
    const ask = () => file.evaluate('mine', {}, false)
    await expect(ask()).rejects.toMatchObject({ code: 'MODULE_TIMEOUT' })
    // At once: the process of the first question is still being ended.
    await expect(ask()).rejects.toMatchObject({ code: 'MODULE_TIMEOUT' })
    await file.close()
    expect(childrenOf(process.pid)).toEqual([])
  } finally {
    await file.close()
    rmSync(dir, { recursive: true, force: true })
  }
}, 20_000)

test('of the files that are not in use only a few keep their process', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'om-module-'))
  const path = join(dir, 'quick.ts')
  writeFileSync(path, looping.replace('for (;;) {} ; ', ''))
  const processes = new ModuleProcesses()
  const files = Array.from({ length: 10 }, () => new FileModule(path, processes))
  try {
    await Promise.all(files.map((file) => file.evaluate('mine', {}, false)))
    await expect.poll(() => childrenOf(process.pid).length, { timeout: 2000 }).toBe(8)
    await Promise.all(files.map((file) => file.evaluate('mine', {}, false)))
  } finally {
    await Promise.all(files.map((file) => file.close()))
    rmSync(dir, { recursive: true, force: true })
  }
}, 60_000)
