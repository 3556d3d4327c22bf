// What a first visit has to fetch: the sign-in page and the page a person lands on, together, stay under 300 kB.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const dist = join(import.meta.dirname, 'dist')
const manifestFile = join(dist, '.vite/manifest.json')
const isBuilt = existsSync(manifestFile)

const chunksSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    imports: z.array(z.string()).optional(),
    css: z.array(z.string()).optional(),
  }),
)

/** All files that these entries need before they can show anything, each once. */
const filesOf = (entries: readonly string[]): ReadonlySet<string> => {
  const chunks = chunksSchema.parse(JSON.parse(readFileSync(manifestFile, 'utf8')))
  const files = new Set<string>()
  const seen = new Set<string>()
  const add = (key: string): void => {
    if (seen.has(key)) return
    seen.add(key)
    const chunk = chunks[key]
    if (chunk === undefined) throw new Error(`the page has no ${key}`)
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file)
    for (const next of chunk.imports ?? []) add(next)
  }
  for (const entry of entries) add(entry)
  return files
}

/** kB as a browser fetches them, gzip. */
const weightOf = (files: ReadonlySet<string>): number =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1000

const signIn = ['index.html', 'src/auth/login-page.tsx']
const firstPage = [...signIn, 'src/app/shell.tsx', 'src/hosts/host-list-page.tsx']
const languages = [
  ['zh', ['src/i18n/zh.ts', '../../node_modules/antd/es/locale/zh_CN.js']],
  ['en', ['src/i18n/en.ts', '../../node_modules/antd/es/locale/en_US.js']],
] as const

// `npm test` builds the page first; a single test that is run by hand need not.
describe.skipIf(!isBuilt)('weight of the built page', () => {
  test.each(languages)('signing in, in %s: at most 240 kB', (_, texts) => {
    expect(weightOf(filesOf([...signIn, ...texts]))).toBeLessThan(240)
  })

  test.each(languages)('signing in and seeing the hosts, in %s: at most 300 kB', (_, texts) => {
    expect(weightOf(filesOf([...firstPage, ...texts]))).toBeLessThan(300)
  })

  test('what only some pages need is not among it', () => {
    const files = [...filesOf([...firstPage, 'src/i18n/zh.ts'])].map((file) =>
      readFileSync(join(dist, file), 'utf8'),
    )
    // A word that only lives there: the schemas of the contract, antd's form and its picker of dates.
    for (const [what, word] of [
      ['zod schemas', 'toJSONSchema'],
      ['forms', 'validateFields'],
      ['dates', 'getWeekFirstDay'],
    ] as const) {
      expect(files.filter((text) => text.includes(word)).length, what).toBe(0)
    }
  })
})
