// A process of the server's own: it ends with the server, and has limits where no deadline reaches it.

import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startProcess } from './own-process.ts'
import { childrenOf } from './testing/children-of.ts'

const waits = new URL('./credentials/derive-key-process.ts', import.meta.url)

const running = async (parent: number): Promise<number> => {
  await expect
    .poll(() => childrenOf(parent).filter((pid) => commandOf(pid).includes('derive-key')), {
      timeout: 10_000,
    })
    .toHaveLength(1)
  return childrenOf(parent)[0] ?? 0
}
const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8')
const isThere = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

test('a process ends when the server is killed', async () => {
  const script = `
    const { startProcess } = await import(${JSON.stringify(new URL('./own-process.ts', import.meta.url))})
    startProcess(new URL(${JSON.stringify(waits)}), [], { message() {}, ended() {} })
    setInterval(() => {}, 1000)`
  const server = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
  const child = await running(server.pid ?? 0)
  // Its channel is open once it listens; until then it could not have heard of the end.
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(isThere(child)).toBe(true)
  server.kill('SIGKILL')
  await expect.poll(() => isThere(child), { timeout: 10_000 }).toBe(false)
})

test('a process that no deadline reaches any more is ended by its limit of CPU time, and dumps no core', async () => {
  let why = ''
  const started = startProcess(waits, [], { message: () => undefined, ended: (it) => (why = it) })
  const child = await running(process.pid)
  const said = (file: string): string => readFileSync(`/proc/${child}/${file}`, 'utf8')
  // A shell sets them, which has the same pid and the same words before it becomes what it starts.
  await expect
    .poll(() => readlinkSync(`/proc/${child}/exe`), { timeout: 10_000 })
    .toBe(realpathSync(process.execPath))
  expect(said('limits')).toMatch(/Max cpu time +120 +120 /)
  expect(said('limits')).toMatch(/Max core file size +0 +0 /)
  expect(said('oom_score_adj')).toBe('1000\n')
  await started.kill()
  expect(isThere(child)).toBe(false)
  await expect.poll(() => why).toBe('was ended by SIGKILL')
})
