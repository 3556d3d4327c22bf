import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '@omserver/core'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ModuleFolder, moduleFolder } from './module-folder.ts'

let dir: string
let folder: ModuleFolder

const good = (name: string, word = 'hello') => `
import { field, module, sh } from '@omserver/core'
import { z } from 'zod'
export const mine = module({
  name: '${name}',
  title: { zh: '我的', en: 'Mine' },
  summary: { zh: '问候', en: 'Greets' },
  category: 'custom',
  params: z.object({ who: z.string().meta(field({ title: { zh: '谁', en: 'Who' } })) }),
  action: ({ who }) => sh\`echo ${word} \${who}\`,
})
`

const write = (file: string, text: string) => writeFileSync(join(dir, file), text)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'om-modules-'))
  folder = moduleFolder(dir, { log: pino({ level: 'silent' }), taken: (name) => name === 'shell' })
})
afterEach(async () => {
  await folder.stop()
  rmSync(dir, { recursive: true, force: true })
})

const evaluate = (name: string, params: Record<string, unknown>) => {
  const file = folder.holding(name)
  if (!file) throw new Error(`no file holds ${name}`)
  return file.evaluate(name, params, false)
}

test('a file outside of our packages is loaded and evaluated, its values quoted', async () => {
  write('mine.ts', good('mine.greet'))
  await folder.start()
  expect(folder.broken()).toEqual([])
  expect(folder.entries().map((entry) => [entry.name, entry.source])).toEqual([
    ['mine.greet', 'file'],
  ])
  const answer = await evaluate('mine.greet', { who: "it's" })
  expect(answer).toEqual({
    ok: true,
    action: { kind: 'shell', command: ['echo hello ', { value: "it's" }] },
  })
  expect(await evaluate('mine.greet', {})).toMatchObject({
    ok: false,
    problems: [{ field: 'who' }],
  })
})

test('a file that is saved again is loaded anew, one that is removed is gone', async () => {
  await folder.start()
  write('mine.ts', good('mine.greet'))
  await expect.poll(() => folder.entries().length, { timeout: 10_000 }).toBe(1)
  write('mine.ts', good('mine.greet', 'goodbye'))
  await expect
    .poll(async () => JSON.stringify(await evaluate('mine.greet', { who: 'x' })), {
      timeout: 10_000,
    })
    .toContain('goodbye')
  unlinkSync(join(dir, 'mine.ts'))
  await expect.poll(() => folder.entries(), { timeout: 10_000 }).toEqual([])
})

describe('what is broken is named and harms nobody', () => {
  test('a file that does not compile names its line', async () => {
    write('broken.ts', `${good('mine.greet')}\nexport const x = = 1\n`)
    write('mine.ts', good('other.greet'))
    await folder.start()
    expect(folder.entries().map((entry) => entry.name)).toEqual(['other.greet'])
    expect(folder.broken()).toMatchObject([{ file: 'broken.ts', line: 13 }])
    expect(folder.broken()[0]?.message).not.toBe('')
  })

  test.each([
    ['exports no module', 'export const x = 1', /no module/],
    ['takes a built-in name', good('shell'), /taken/],
    ['has a name that is none', good('Not A Name'), /not a module name/],
    ['throws while it loads', 'throw new Error("no network")', /no network/],
    ['imports what is not there', "import 'left-pad'", /left-pad/],
  ])('%s', async (_, text, message) => {
    write('one.ts', text)
    await folder.start()
    expect(folder.entries()).toEqual([])
    expect(folder.broken()[0]?.message).toMatch(message)
  })

  test('one that throws, loops or returns no action fails that call only', async () => {
    write(
      'mine.ts',
      good('mine.greet').replace(
        /action: .*/,
        "action: ({ who }) => { if (who === 'loop') for (;;) {} if (who === 'throw') throw new Error('tired'); return who as never },",
      ),
    )
    await folder.start()
    expect(folder.broken()).toEqual([])
    await expect(evaluate('mine.greet', { who: 'throw' })).rejects.toMatchObject({
      code: 'MODULE_THREW',
      details: { message: 'tired' },
    })
    await expect(evaluate('mine.greet', { who: 'text' })).rejects.toMatchObject({
      code: 'MODULE_THREW',
    })
    await expect(evaluate('mine.greet', { who: 'loop' })).rejects.toMatchObject({
      code: 'MODULE_TIMEOUT',
    })
    // A new worker serves the next call.
    await expect(evaluate('mine.greet', { who: 'throw' })).rejects.toBeInstanceOf(Problem)
  })
})
