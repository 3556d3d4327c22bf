// What a server costs that has nothing to do, and how long a person waits for it the second time.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../e2e/support/free-port.ts'
import { cpuMs, median, memoryMb, round, table } from './measure.ts'

const repository = resolve(import.meta.dirname, '..')
const WATCH_S = 20
const DEADLINE_MS = 300_000

/** The process that was told to listen on this port: npm and the shells above it are not the server. */
const serverPid = (port: number): number => {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return words[0]?.endsWith('node') && words.includes('up') && words.includes(`${port}`)
    } catch {
      return false
    }
  })
  if (found === undefined) throw new Error(`nothing was started on port ${port}`)
  return Number(found)
}

/** `npm start`, until /api/health says that it can take work. */
const start = async (dataDir: string) => {
  const port = await freePort()
  const begun = performance.now()
  const child = spawn('npm', ['start', '--silent', '--', '--data', dataDir, '--port', `${port}`], {
    cwd: repository,
    stdio: 'ignore',
    env: { ...process.env, OM_ADMIN_PASSWORD: 'bench bench bench' },
  })
  const ended = once(child, 'exit')
  while (performance.now() - begun < DEADLINE_MS) {
    const health = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined)
    if (health?.ok) {
      const pid = serverPid(port)
      const stop = async (): Promise<void> => {
        process.kill(pid, 'SIGTERM')
        await ended
      }
      return { pid, ms: performance.now() - begun, stop }
    }
    await sleep(10)
  }
  throw new Error('npm start does not answer')
}

export const benchIdleServer = async (rounds: number): Promise<string> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'om-bench-idle-'))
  try {
    // The first start makes the database and, in a fresh clone, installs and builds.
    await (await start(dataDir)).stop()
    const waits: number[] = []
    const sizes: number[] = []
    for (let n = 0; n < rounds; n += 1) {
      const server = await start(dataDir)
      waits.push(server.ms)
      await sleep(2000)
      sizes.push(memoryMb(server.pid).now)
      await server.stop()
    }
    const server = await start(dataDir)
    const cpu = cpuMs(server.pid)
    await sleep(WATCH_S * 1000)
    const busy = (cpuMs(server.pid) - cpu) / (WATCH_S * 10)
    await server.stop()
    return table(
      ['idle server', ''],
      [
        ['`npm start` to answering, second time, s', round(median(waits) / 1000, 2)],
        ['RSS, MB', round(median(sizes), 0)],
        ['% of a core', round(busy, 2)],
      ],
    )
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
