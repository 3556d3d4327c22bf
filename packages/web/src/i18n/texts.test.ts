// Every text exists in both languages, every text is used, and every text that is asked for exists.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import enActivity from './en/activity.json'
import enControllers from './en/controllers.json'
import enFiles from './en/files.json'
import enMaker from './en/maker.json'
import enProjects from './en/projects.json'
import enTrust from './en/trust.json'
import enUsers from './en/users.json'
import { en } from './en.ts'
import zhActivity from './zh/activity.json'
import zhControllers from './zh/controllers.json'
import zhFiles from './zh/files.json'
import zhMaker from './zh/maker.json'
import zhProjects from './zh/projects.json'
import zhTrust from './zh/trust.json'
import zhUsers from './zh/users.json'
import { zh } from './zh.ts'

type Tree = { readonly [key: string]: string | Tree }

const leaves = (tree: Tree, path = ''): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(tree).flatMap(([key, value]) => {
      const at = path === '' ? key : `${path}.${key}`
      return typeof value === 'string' ? [[at, value] as const] : [...leaves(value, at)]
    }),
  )

const plural = /_(zero|one|two|few|many|other)$/
const bare = (keys: Iterable<string>): Set<string> =>
  new Set([...keys].map((key) => key.replace(plural, '')))

const texts = {
  zh: leaves({
    ...zh,
    activity: zhActivity,
    controllers: zhControllers,
    files: zhFiles,
    maker: zhMaker,
    projects: zhProjects,
    trust: zhTrust,
    users: zhUsers,
  }),
  en: leaves({
    ...en,
    activity: enActivity,
    controllers: enControllers,
    files: enFiles,
    maker: enMaker,
    projects: enProjects,
    trust: enTrust,
    users: enUsers,
  }),
}
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name).sort()

const src = join(import.meta.dirname, '..')
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.startsWith('i18n'))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }))

test('both languages have the same keys', () => {
  expect([...bare(texts.zh.keys())].sort()).toEqual([...bare(texts.en.keys())].sort())
})

test('a counted text has the forms its language needs', () => {
  const forms = { zh: ['other'], en: ['one', 'other'] } as const
  for (const lang of ['zh', 'en'] as const) {
    const counted = bare([...texts[lang].keys()].filter((key) => plural.test(key)))
    for (const key of counted) {
      const has = [...texts[lang].keys()].filter((each) => each.replace(plural, '') === key)
      expect(has.sort(), `${lang} ${key}`).toEqual(forms[lang].map((form) => `${key}_${form}`))
    }
  }
})

test('no text is empty, and both languages fill in the same details', () => {
  for (const [key, text] of texts.en) {
    expect(text.trim(), key).not.toBe('')
    const other = texts.zh.get(key) ?? texts.zh.get(key.replace(/_one$/, '_other'))
    expect(other?.trim(), key).not.toBe('')
    // “the host” needs no number where “the hosts” does.
    if (!key.endsWith('_one')) expect(holes(other ?? ''), key).toEqual(holes(text))
  }
})

describe('use', () => {
  const all = sources.map(({ text }) => text).join('\n')
  const literals = new Set(
    [...all.matchAll(/['"`]([a-z][a-zA-Z]*(?:\.[a-zA-Z0-9_-]+)+)['"`]/g)].map(([, key]) => key),
  )
  /** `hosts.column.${key}` and the like: its fixed parts, as a pattern over keys. */
  const templates = [...all.matchAll(/`([a-z][a-zA-Z]*\.[^`\s]*\$\{[^`]*?)`/g)].map(
    ([, text = '']) => {
      const parts = text
        .split(/\$\{[^}]*\}/)
        .map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
      return new RegExp(`^${parts.join('[a-zA-Z0-9_.-]+')}$`)
    },
  )

  test('every text is used somewhere', () => {
    const unused = [...bare(texts.en.keys())].filter(
      (key) => !literals.has(key) && !templates.some((template) => template.test(key)),
    )
    expect(unused).toEqual([])
  })

  test('every text that is asked for exists', () => {
    const known = bare(texts.en.keys())
    const missing = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\bt\(\s*['"]([^'"]+)['"]/g)]
        .map(([, key = '']) => key)
        .filter((key) => !known.has(key))
        .map((key) => `${file}: ${key}`),
    )
    expect(missing).toEqual([])
  })
})
