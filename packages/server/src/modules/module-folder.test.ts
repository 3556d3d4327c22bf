import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '@omserver/core'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { childrenOf } from '../testing/children-of.ts'
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
    // A new process serves the next call.
    await expect(evaluate('mine.greet', { who: 'throw' })).rejects.toBeInstanceOf(Problem)
  })

  test.each([
    ['aborts', 'process.abort()', /SIGABRT/],
    ['exits', 'process.exit(3)', /ended with code 3/],
    ['is killed', "process.kill(process.pid, 'SIGKILL')", /SIGKILL/],
    ['signals its whole process group', "process.kill(0, 'SIGKILL'); for (;;) {}", /SIGKILL/],
    ['eats memory', 'const all = []; for (;;) all.push(new Array(4e6).fill(all.length))', /128 MB/],
    ['hangs up', 'process.disconnect(); await new Promise(() => {})', /SIGKILL|code 0/],
    [
      'throws where nobody catches it',
      "setTimeout(() => { throw new Error('too late') }); await new Promise((r) => setTimeout(r, 60_000))",
      /too late/,
    ],
  ])(
    'one that %s ends its own process, while it loads and while it is asked',
    async (_, code, why) => {
      write('loads.ts', `${code}\nexport const x = 1`)
      write(
        'asked.ts',
        good('mine.greet').replace(
          /action: .*/,
          `action: ({ who }) => { if (who === 'x') { ${code.replace(/await .*/, 'for (;;) {}')} } return sh\`echo \${who}\` },`,
        ),
      )
      await folder.start()
      expect(folder.broken()).toMatchObject([{ file: 'loads.ts' }])
      expect(folder.broken()[0]?.message).toMatch(why)
      await expect(evaluate('mine.greet', { who: 'x' })).rejects.toBeInstanceOf(Problem)
      expect(await evaluate('mine.greet', { who: 'y' })).toMatchObject({ ok: true })
    },
  )

  test('what a file says to its parent process by itself is not taken for an answer', async () => {
    const greets = "process.send?.('ready'); process.send?.({ kind: 'loaded', entries: [] })"
    write('mine.ts', `${greets}\n${good('mine.greet')}`)
    await folder.start()
    expect(folder.broken()).toEqual([])
    expect(folder.entries()).toHaveLength(1)
  })

  test('a file sees neither the environment nor the open files of the server', async () => {
    vi.stubEnv('SECRET_OF_THE_SERVER', 'hidden')
    const held = openSync(join(dir, 'held'), 'w')
    const seen = `[process.cwd(), process.env, ...readdirSync('/proc/self/fd').map((fd) => {
      try { return readlinkSync('/proc/self/fd/' + fd) } catch { return '' }
    })].map((one) => JSON.stringify(one)).join(' ')`
    try {
      write(
        'mine.ts',
        `import { readdirSync, readlinkSync } from 'node:fs'
${good('mine.greet').replace(/action: .*/, `action: () => sh\`echo \${${seen}}\`,`)}`,
      )
      await folder.start()
      expect(folder.broken()).toEqual([])
      const said = JSON.stringify(await evaluate('mine.greet', { who: 'x' }))
      expect(said).toContain('MALLOC_ARENA_MAX')
      expect(said).not.toContain('SECRET_OF_THE_SERVER')
      expect(said).toContain('socket:')
      expect(said).not.toContain(join(dir, 'held'))
    } finally {
      closeSync(held)
      vi.unstubAllEnvs()
    }
  })
})

describe('a name that two files define', () => {
  test('is offered by neither, before and after a restart, and by the other when one is removed', async () => {
    write('good.ts', good('acme.restart'))
    write('alone.ts', good('acme.alone'))
    await folder.start()
    expect(folder.entries().map((entry) => entry.name)).toEqual(['acme.alone', 'acme.restart'])
    write('aaa.ts', good('acme.restart', 'other'))
    const both = [
      { file: 'aaa.ts', message: expect.stringContaining('good.ts') },
      { file: 'good.ts', message: expect.stringContaining('aaa.ts') },
    ]
    await expect.poll(() => folder.broken(), { timeout: 10_000 }).toMatchObject(both)
    expect(folder.entries().map((entry) => entry.name)).toEqual(['acme.alone'])
    expect(folder.holding('acme.restart')).toBeUndefined()
    await folder.stop()
    folder = moduleFolder(dir, { log: pino({ level: 'silent' }), taken: () => false })
    await folder.start()
    expect(folder.broken()).toMatchObject(both)
    unlinkSync(join(dir, 'aaa.ts'))
    await expect.poll(() => folder.broken(), { timeout: 10_000 }).toEqual([])
    expect(JSON.stringify(await evaluate('acme.restart', { who: 'x' }))).toContain('hello')
  })

  test('twice in one file is refused, one module under two exports is not', async () => {
    write(
      'twice.ts',
      `${good('acme.x')}\n${good('acme.x')
        .replace(/import .*\n/g, '')
        .replace('const mine', 'const other')}`,
    )
    write('once.ts', `${good('acme.y')}\nexport default mine`)
    await folder.start()
    expect(folder.broken()).toMatchObject([{ file: 'twice.ts', message: /twice/ }])
    expect(folder.entries().map((entry) => entry.name)).toEqual(['acme.y'])
  })
})

test('a folder that is a file is refused, and nothing stays open of it', async () => {
  const file = join(dir, 'file')
  writeFileSync(file, '')
  const before = process.getActiveResourcesInfo().filter((one) => one === 'FSEventWrap').length
  const none = moduleFolder(file, { log: pino({ level: 'silent' }), taken: () => false })
  await expect(none.start()).rejects.toMatchObject({
    code: 'MODULES_FOLDER_UNUSABLE',
    details: { folder: file },
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(process.getActiveResourcesInfo().filter((one) => one === 'FSEventWrap')).toHaveLength(
    before,
  )
})

test('many files are loaded a few at a time, and a folder that stops waits for none', async () => {
  for (let n = 0; n < 8; n++) write(`loops-${n}.ts`, 'for (;;) {}')
  const started = folder.start()
  await expect
    .poll(() => childrenOf(process.pid).length, { timeout: 5000 })
    .toBeGreaterThanOrEqual(4)
  expect(childrenOf(process.pid).length).toBeLessThanOrEqual(4)
  const before = performance.now()
  await folder.stop()
  await started
  expect(performance.now() - before).toBeLessThan(4000)
  expect(childrenOf(process.pid)).toEqual([])
})
