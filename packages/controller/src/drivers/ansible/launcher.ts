// The process in which a play and its connections run: started here, told what to start, ended as a whole.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { isRecord } from '../../loose.ts'

export interface Ended {
  /** Negative: of a signal. */
  readonly code: number
  /** The last 64 KiB of each. */
  readonly out: string
  readonly err: string
}

interface Work {
  readonly argv: readonly string[]
  /** All of it: nothing of our own environment is added. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
  /** It is the play: its descriptor 3 is `events`, and it is interrupted before it is killed. */
  readonly events?: true
}

export interface Launcher {
  /** Ends it with everything below it, when the signal is given. Never rejects. */
  run(work: Work, signal?: AbortSignal): Promise<Ended>
  readonly events: Readable
  /** Interrupts the play, and kills everything after so many ms. Resolves when nothing is left; within 2 s. */
  stop(graceMs: number): Promise<void>
  /** Ends connections; what a play has left behind on this machine stays. */
  finish(): Promise<void>
}

const script = new URL('python/launcher.py', import.meta.url).pathname

/** Beyond this it is killed itself: the processes below it have been, long before. */
const END_MS = 1_500

const gone: Ended = { code: -9, out: '', err: 'the launcher of the play has ended' }

export const startLauncher = (python: string, box: string): Launcher => {
  const child = spawn(python, ['-I', '-B', script, box], {
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8' },
    cwd: '/',
  })
  const waiting = new Map<number, (ended: Ended) => void>()
  let next = 1
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      for (const settle of waiting.values()) settle(gone)
      waiting.clear()
      resolve()
    }
    child.once('exit', end)
    child.once('error', end)
  })
  child.stdin?.on('error', () => undefined)
  const [, out, , events] = child.stdio
  if (!isReadable(out) || !isReadable(events)) throw new Error('the launcher has no pipes')
  createInterface({ input: out }).on('line', (line) => {
    const { id, ended } = endedOf(line)
    waiting.get(id)?.(ended)
    waiting.delete(id)
  })
  const tell = (order: object): void => {
    child.stdin?.write(`${JSON.stringify(order)}\n`)
  }
  const leave = async (order: object): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    tell(order)
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
    await over
    clearTimeout(timer)
  }
  return {
    events,
    run({ input, ...work }, signal) {
      if (signal?.aborted || child.exitCode !== null || child.signalCode !== null)
        return Promise.resolve(gone)
      const id = next++
      const kill = (): void => tell({ kill: id })
      return new Promise((resolve) => {
        waiting.set(id, (ended) => {
          signal?.removeEventListener('abort', kill)
          resolve(ended)
        })
        signal?.addEventListener('abort', kill, { once: true })
        const data = input === undefined ? {} : { input: Buffer.from(input).toString('base64') }
        tell({ id, ...work, ...data })
      })
    },
    stop: (graceMs) => leave({ stop: graceMs }),
    finish: () => leave({ finish: true }),
  }
}

const isReadable = (stream: unknown): stream is Readable =>
  isRecord(stream) && typeof stream.pipe === 'function'

const endedOf = (line: string): { readonly id: number; readonly ended: Ended } => {
  const { id, code, out, err } = JSON.parse(line)
  return { id: Number(id), ended: { code: Number(code), out: String(out), err: String(err) } }
}
