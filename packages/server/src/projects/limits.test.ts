import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText } from '@omserver/api'
import { Problem } from '@omserver/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { projectLimits } from './limits.ts'
import { takeSnapshot } from './snapshot.ts'

let folder: string
let dataDir: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'om-limits-'))
  dataDir = mkdtempSync(join(tmpdir(), 'om-limits-data-'))
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), name.repeat(1000))
})
afterEach(() => {
  for (const one of [folder, dataDir]) rmSync(one, { recursive: true, force: true })
})

const wordsWith = async (limits: Partial<typeof projectLimits>): Promise<string> => {
  const parts = {
    dataDir,
    login: () => Promise.reject(new Error('no login')),
    deadlineMs: 1000,
    limits: { ...projectLimits, ...limits },
  }
  const of = { id: 'p', lastCommit: null }
  return takeSnapshot({ kind: 'folder', path: folder }, of, parts).then(
    ({ paths }) => [...paths].join(' '),
    (error: unknown) => {
      if (!(error instanceof Problem)) throw error
      return errorText(error.code, error.details).en
    },
  )
}

test('a project that is too large says what of it is, and how much is allowed', async () => {
  expect(await wordsWith({})).toBe('a b c')
  expect(await wordsWith({ files: 2 })).toContain('the number of files is above 2')
  expect(await wordsWith({ content: 2500 })).toContain('its files together are above 2500 B')
  expect(await wordsWith({ packed: 50 })).toContain('its archive is above 50 B')
})
