// One program on this machine: starts it, carries its streams, and tells how it ended.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import type { Readable } from 'node:stream'
import type { OutputStream } from '@omserver/core'
import { createFeeder } from '../../feed.ts'
import type { HostProgram } from '../../host-program.ts'
import { createGate, type WrappedProgram } from '../../run-as.ts'

export type SessionEnd =
  | { readonly kind: 'exited'; readonly exit: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** sudo or su did not let us in; the program did not start. */
  | { readonly kind: 'barred'; readonly message: string }
  /** The program could not be started at all. */
  | { readonly kind: 'denied'; readonly message: string }

export interface SessionOptions {
  readonly wrapped: WrappedProgram
  readonly program: HostProgram
  /** For sudo or su; written only when asked for. */
  readonly password?: string
  readonly onOutput: (stream: OutputStream, bytes: Buffer) => Promise<void> | undefined
  /** Of a program that is fed. */
  readonly onProgress?: (sent: number) => void
  readonly onTrouble?: (error: unknown) => void
}

export interface Session {
  readonly end: Promise<SessionEnd>
  /** Kills the process group and stops listening. */
  drop(): void
}

/**
 * Streams that stay open after the exit are held by what the program left behind (`nohup server &`). They are
 * closed after a moment of silence; a child that talks on is heard for two seconds.
 */
const TICK_MS = 100
const SILENT_TICKS = 2
const NOISY_TICKS = 20

/** Ours may hold the administrator's password and database addresses; a program sees what a login would. */
const cleanEnvironment = (): NodeJS.ProcessEnv => {
  const { username, homedir: home, shell } = userInfo()
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    USER: username,
    LOGNAME: username,
    SHELL: shell ?? '/bin/sh',
    LANG: process.env.LANG ?? 'C.UTF-8',
  }
}

export const startSession = (options: SessionOptions): Session => {
  const { wrapped, program, password, onOutput } = options
  const { promise, resolve } = Promise.withResolvers<SessionEnd>()
  const gate = wrapped.gate ? createGate(wrapped.gate) : undefined
  const talks = program.stdin !== undefined || program.feed !== undefined || gate !== undefined
  const [file = '/bin/sh', ...argv] = wrapped.argv
  const child = spawn(file, argv, {
    // A session of its own: what it starts can be found and ended, and our own signals do not reach it.
    detached: true,
    cwd: existsSync(homedir()) ? homedir() : '/',
    env: cleanEnvironment(),
    stdio: [talks ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  let exit: SessionEnd | undefined
  let bytesSeen = 0
  let waits = 0
  let openStreams = 2
  let ticker: NodeJS.Timeout | undefined

  const finish = (end: SessionEnd): void => {
    clearInterval(ticker)
    feeder?.stop()
    child.stdout?.destroy()
    child.stderr?.destroy()
    child.stdin?.destroy()
    resolve(end)
  }

  const settle = (): void => {
    if (gate && !gate.isOpen()) finish({ kind: 'barred', message: gate.refusal() })
    else if (exit) finish(exit)
  }

  const feeder =
    program.feed &&
    createFeeder(
      program.feed,
      {
        write: (bytes) => {
          const { stdin } = child
          if (!stdin || stdin.write(bytes)) return undefined
          return new Promise((go) => stdin.once('drain', go))
        },
        end: () => child.stdin?.end(),
      },
      {
        terminal: false,
        onProgress: (sent) => options.onProgress?.(sent),
        onTrouble: (error) => options.onTrouble?.(error),
      },
    )

  const report = (stream: OutputStream, source: Readable, given: Buffer): void => {
    const bytes = feeder && stream === 'stdout' ? feeder.push(given) : given
    if (!bytes) return
    const wait = onOutput(stream, bytes)
    if (wait === undefined) return
    waits++
    source.pause()
    const go = (): void => {
      waits--
      source.resume()
    }
    wait.then(go, go)
  }

  const feed = (): void => {
    if (!feeder) child.stdin?.end(program.stdin)
  }

  const onBytes = (stream: OutputStream, source: Readable, bytes: Buffer): void => {
    bytesSeen += bytes.length
    if (!gate || gate.isOpen() || stream !== gate.stream) {
      report(stream, source, bytes)
      return
    }
    const step = gate.push(bytes)
    if (step.opened) feed()
    if (step.answer === 'password' && password !== undefined) child.stdin?.write(`${password}\n`)
    else if (step.answer !== undefined) child.stdin?.end()
    if (step.forward) report(stream, source, Buffer.from(step.forward))
  }

  const listen = (stream: OutputStream, source: Readable | null): void => {
    source?.on('data', (bytes: Buffer) => onBytes(stream, source, bytes))
    source?.on('error', () => undefined)
    source?.once('close', () => {
      if (--openStreams === 0 && exit) settle()
    })
  }

  const watchLeftOpen = (): void => {
    let silent = 0
    let noisy = 0
    let before = bytesSeen
    ticker = setInterval(() => {
      if (waits > 0) return
      if (bytesSeen === before) silent++
      else {
        silent = 0
        noisy++
        before = bytesSeen
      }
      if (silent >= SILENT_TICKS || noisy >= NOISY_TICKS) settle()
    }, TICK_MS)
  }

  listen('stdout', child.stdout)
  listen('stderr', child.stderr)
  // A broken pipe on its input is the program's choice.
  child.stdin?.on('error', () => undefined)
  child.on('error', (error) => {
    if (exit || child.pid !== undefined) return
    finish({ kind: 'denied', message: `the program could not be started: ${error.message}` })
  })
  child.once('exit', (code, signal) => {
    exit =
      code === null
        ? { kind: 'signalled', signal: signal ?? 'unknown' }
        : { kind: 'exited', exit: code }
    if (openStreams === 0) settle()
    else watchLeftOpen()
  })
  if (talks && !gate) feed()

  return {
    end: promise,
    drop() {
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, 'SIGKILL')
        } catch {
          // It has ended, or belongs to an account that is not ours to signal.
        }
      }
      finish({ kind: 'signalled', signal: 'SIGKILL' })
    },
  }
}
