// The closing line is what CI believes: it is checked against real runs of the test runner.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

const repository = resolve(import.meta.dirname, '..')
const runner = join(repository, 'node_modules/vitest/vitest.mjs')

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function run(
  files: Record<string, string>,
  { env = {}, args = [] }: { env?: Record<string, string>; args?: string[] } = {},
) {
  // Inside the repository, so that the files find its packages.
  await mkdir(join(repository, '.cache'), { recursive: true })
  const folder = await mkdtemp(join(repository, '.cache/tally-'))
  folders.push(folder)
  const reporter = join(repository, 'scripts/tally-reporter.ts')
  const all = {
    ...files,
    'vitest.config.ts': `import Tally from '${reporter}'
      export default { test: { reporters: ['default', new Tally()] } }`,
  }
  for (const [name, source] of Object.entries(all)) await writeFile(join(folder, name), source)
  const report = join(folder, 'report.json')
  const { code, lines } = await new Promise<{ code: unknown; lines: string[] }>((done) => {
    execFile(
      process.execPath,
      [runner, 'run', '--root', folder, ...args],
      { env: { PATH: process.env.PATH, CI: '', OM_TEST_REPORT: report, ...env } },
      (error, stdout) => done({ code: error?.code ?? 0, lines: stdout.trimEnd().split('\n') }),
    )
  })
  return { code, lines, last: lines.at(-1), report: JSON.parse(await readFile(report, 'utf8')) }
}

const head = `import { beforeAll, describe, expect, test } from 'vitest'\n`

describe('closing line', () => {
  test('counts what passed, and no more, when all is well', async () => {
    const { code, last, report } = await run({
      'a.test.ts': `${head} test('one', () => {}); test('two', () => {})`,
    })
    expect(last).toBe('2 passed, 0 failed')
    expect(code).toBe(0)
    expect(report).toEqual({ passed: 2, failed: 0, skipped: [], line: '2 passed, 0 failed' })
  })

  test('counts a file that does not load, a hook that throws and a loose rejection as failures', async () => {
    const { code, last } = await run({
      'load.test.ts': `${head} throw new Error('no')`,
      'hook.test.ts': `${head} describe('s', () => {
        beforeAll(() => { throw new Error('no') }); test('in it', () => {}) })`,
      'loose.test.ts': `${head} test('fine', async () => {
        Promise.reject(new Error('no')); await new Promise((done) => setTimeout(done, 50)) })`,
      'plain.test.ts': `${head} test('wrong', () => { expect(1).toBe(2) })`,
    })
    expect(last).toBe('1 passed, 5 failed')
    expect(code).toBe(1)
  })

  test('names skipped tests with their reasons, and fails for them in CI only', async () => {
    const files = {
      'a.test.ts': `${head} test('one', () => {})
        test('ssh', (context) => context.skip('this machine has no sshd'))
        test.todo('later')`,
    }
    const here = await run(files)
    expect(here.last).toBe('1 passed, 0 failed, 2 skipped')
    expect(here.lines).toContain('  a.test.ts > ssh: this machine has no sshd')
    expect(here.code).toBe(0)
    const inCi = await run(files, { env: { CI: 'true' } })
    expect(inCi.last).toBe('1 passed, 0 failed, 2 skipped')
    expect(inCi.code).toBe(1)
  })

  test('does not count as skipped what a name filter left out', async () => {
    const { last } = await run(
      { 'a.test.ts': `${head} test('one', () => {}); test('two', () => {})` },
      { args: ['-t', 'one'] },
    )
    expect(last).toBe('1 passed, 0 failed')
  })
})
