// process.kill, with processes: whom the signal reaches, and whom never.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createOddHost, type OddHost } from './testing/odd-host.ts'

let host: OddHost
let started: ChildProcess[] = []
beforeEach(() => {
  host = createOddHost()
  host.own('pgrep')
})
afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  started = []
  host.remove()
})

/** The real program under a name that nothing else on this machine has. */
const copyOf = (program: string, name: string): string => {
  const found = spawnSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' })
  const path = join(host.folder, name)
  copyFileSync(found.stdout.trim(), path)
  return path
}
const start = async (path: string, ...args: readonly string[]): Promise<ChildProcess> => {
  const child = spawn(path, args, { stdio: 'ignore' })
  started.push(child)
  await once(child, 'spawn')
  // The name changes at exec, a moment after fork.
  await sleep(50)
  return child
}
const signalOf = async (child: ChildProcess): Promise<string | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.signalCode
}

describe('by name', () => {
  test('every process of that name gets the signal, and is listed', async () => {
    const path = copyOf('sleep', 'om.victim+1')
    const pair = [await start(path, '60'), await start(path, '60')]
    const other = await start(copyOf('sleep', 'omxvictim1'), '60')
    const { exit, output } = host.run('process.kill', { name: 'om.victim+1', signal: 'INT' })
    expect(exit).toBe(0)
    expect(output.trim().split('\n').sort()).toEqual(
      pair.map(({ pid }) => `${pid} om.victim+1`).sort(),
    )
    expect(await Promise.all(pair.map(signalOf))).toEqual(['SIGINT', 'SIGINT'])
    expect([other.exitCode, other.signalCode]).toEqual([null, null])
  })

  test('a name that nothing has: the host has failed, and says so', () => {
    const { exit, said } = host.run('process.kill', { name: 'om-nobody' })
    expect([exit, said]).toEqual([1, 'no other process has this name: om-nobody\n'])
  })

  test('what the command itself runs below (its own sshd) is left alone', async () => {
    // The command of the module as a child of a process that has the name.
    const shell = copyOf('dash', 'om-own')
    const other = await start(copyOf('sleep', 'om-own'.replace('own', 'own2')), '60')
    const text = `${host.textOf('process.kill', { name: 'om-own' })}`
    const { status, stderr } = spawnSync(shell, ['-c', '/bin/sh -c "$0"; exit $?', text], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain('left alone')
    expect([other.exitCode, other.signalCode]).toEqual([null, null])
  })

  test('a host without pgrep has failed, and says which tool', () => {
    host.remove()
    host = createOddHost()
    const { exit, said } = host.run('process.kill', { name: 'om-nobody' })
    expect([exit, said]).toEqual([127, 'this host has no pgrep (procps)\n'])
  })
})

describe('by number', () => {
  test('the process gets the signal', async () => {
    const child = await start(copyOf('sleep', 'om-one'), '60')
    expect(host.run('process.kill', { by: 'pid', pid: child.pid, signal: 'USR1' }).exit).toBe(0)
    expect(await signalOf(child)).toBe('SIGUSR1')
  })

  test('a process that the command runs below gets nothing', () => {
    const { exit, said } = host.run('process.kill', { by: 'pid', pid: process.pid })
    expect([exit, said]).toEqual([1, 'this command runs below that process: nothing was sent\n'])
  })
})
