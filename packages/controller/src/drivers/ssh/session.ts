// One program on one open connection: starts it, carries its streams, and tells how it ended.

import type { OutputStream } from '@omserver/core'
import type { PseudoTtyOptions } from 'ssh2'
import { commandLine } from '../../any-shell.ts'
import { createFeeder } from '../../feed.ts'
import type { HostProgram } from '../../host-program.ts'
import { createGate, type WrappedProgram } from '../../run-as.ts'
import type { Connection } from './connection.ts'
import type { ExecChannel, OpenError } from './exec-channel.ts'
import { ping } from './ssh-parts.ts'

export type SessionEnd =
  | { readonly kind: 'exited'; readonly exit: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  /** The connection went away. `begun` false: sudo or su had not let us in by then, as far as we heard. */
  | { readonly kind: 'cut'; readonly begun: boolean }
  /** sudo or su did not let us in; the program did not start. */
  | { readonly kind: 'barred'; readonly message: string }
  /** The server takes no more channels on this connection; nothing was sent. */
  | { readonly kind: 'full' }
  /** The connection was gone before anything was sent. */
  | { readonly kind: 'stale' }
  /** The server does not run commands for this account. */
  | { readonly kind: 'denied'; readonly message: string }

/** All that is needed to start a program, but a connection. */
export interface Start {
  readonly wrapped: WrappedProgram
  readonly program: HostProgram
  /** For sudo or su; written only when asked for. */
  readonly password?: string
  /** What the login shell gets. Never the same twice. */
  readonly line: string
}

/** Something will be written to the program. */
const talksTo = ({ wrapped, program, password }: Omit<Start, 'line'>): boolean =>
  program.stdin !== undefined ||
  program.feed !== undefined ||
  (wrapped.gate !== undefined && password !== undefined)

export const startOf = (parts: Omit<Start, 'line'>): Start => {
  const input = talksTo(parts) || parts.wrapped.terminal ? 'given' : 'none'
  return { ...parts, line: commandLine(parts.wrapped.argv, input) }
}

export interface SessionOptions {
  readonly onOutput: (stream: OutputStream, bytes: Buffer) => Promise<void> | undefined
  /** Of a program that is fed. */
  readonly onProgress?: (sent: number) => void
  readonly onTrouble?: (error: unknown) => void
}

export interface Session {
  readonly end: Promise<SessionEnd>
  /** True: the request to start has not left, and never will. */
  withdraw(): boolean
  /** Asks the server to kill the process group; old servers ignore it. */
  kill(): void
  /** Closes the channel and stops reporting. */
  drop(): void
}

/**
 * Streams that stay open after the exit are held by what the program left behind (`nohup server &`). Nothing is
 * missed by closing them once the server has answered two signs of life in silence: it reads all its pipes
 * between one and the next, however busy it is. A child that talks on is heard for a while.
 */
const SILENT_ANSWERS = 2
const SILENT_TICKS_UNASKED = 25
const NOISY_TICKS = 20
const TICK_MS = 400

const terminal: PseudoTtyOptions = { rows: 24, cols: 200, term: 'dumb', modes: { ECHO: 0 } }

export const startSession = (
  connection: Connection,
  from: Start,
  { onOutput, onProgress, onTrouble }: SessionOptions,
): Session => {
  const { wrapped, program, password, line } = from
  const { promise, resolve } = Promise.withResolvers<SessionEnd>()
  const gate = wrapped.gate ? createGate(wrapped.gate) : undefined
  const talks = talksTo(from)
  let channel: ExecChannel | undefined
  let ended = false
  let dropped = false
  let exit: SessionEnd | undefined
  let waits = 0
  let bytesSeen = 0
  let ticker: NodeJS.Timeout | undefined

  const finish = (end: SessionEnd): void => {
    if (ended) return
    ended = true
    feeder?.stop()
    clearInterval(ticker)
    resolve(end)
  }

  const feeder =
    program.feed &&
    createFeeder(
      program.feed,
      {
        write: (bytes) => channel?.write(bytes),
        end: (bytes) => {
          if (!wrapped.terminal) channel?.end()
          else if (bytes !== undefined) channel?.write(bytes)
        },
      },
      {
        terminal: wrapped.terminal,
        onProgress: (sent) => onProgress?.(sent),
        onTrouble: (error) => onTrouble?.(error),
      },
    )

  const report = (stream: OutputStream, given: Buffer): void => {
    if (dropped || ended) return
    const bytes = feeder && stream === 'stdout' ? feeder.push(given) : given
    if (!bytes) return
    const wait = onOutput(stream, bytes)
    if (wait === undefined) return
    waits++
    channel?.pause()
    const go = (): void => {
      if (--waits === 0) channel?.resume()
    }
    wait.then(go, go)
  }

  const onBytes = (stream: OutputStream, bytes: Buffer): void => {
    bytesSeen += bytes.length
    if (!gate || gate.isOpen() || stream !== gate.stream) {
      report(stream, bytes)
      return
    }
    const step = gate.push(bytes)
    if (step.opened) feed()
    if (step.answer === 'password' && password !== undefined) channel?.write(`${password}\n`)
    else if (step.answer !== undefined) refuse()
    if (step.forward) report(stream, Buffer.from(step.forward))
  }

  /** sudo and su give up at the end of their input, and say why; on a terminal there is no such end. */
  const refuse = (): void => {
    if (wrapped.terminal) {
      channel?.close()
      finish({ kind: 'barred', message: gate?.refusal() ?? '' })
    } else if (talks) channel?.end()
  }

  const feed = (): void => {
    if (feeder) return
    if (program.stdin === undefined) {
      // On a terminal the end of input would hang up; the program reads /dev/null there.
      if (talks && !wrapped.terminal) channel?.end()
    } else if (wrapped.terminal) channel?.write(program.stdin)
    else channel?.end(program.stdin)
  }

  const cut = (): SessionEnd => ({ kind: 'cut', begun: gate === undefined || gate.isOpen() })

  const settle = (): void => {
    if (gate && !gate.isOpen() && exit) {
      const end: SessionEnd = { kind: 'barred', message: gate.refusal() }
      finish(end)
    } else finish(exit ?? cut())
  }

  const watchLeftOpen = (): void => {
    let silent = 0
    let noisy = 0
    let before = bytesSeen
    let asked = false
    let unasked = 0
    const onAnswer = (): void => {
      asked = false
      if (ended || waits > 0) return
      if (bytesSeen === before) silent++
      else {
        silent = 0
        noisy++
        before = bytesSeen
      }
      if (silent < SILENT_ANSWERS && noisy < NOISY_TICKS) return
      channel?.close()
      settle()
    }
    ticker = setInterval(() => {
      if (waits > 0 || asked) return
      asked = ping(connection.client, onAnswer)
      if (asked) return
      // This ssh2 cannot ask: only a long silence is a sign.
      if (++unasked < SILENT_TICKS_UNASKED / SILENT_ANSWERS) return
      unasked = 0
      onAnswer()
    }, TICK_MS)
  }

  const onExit = (code: number | null, signal: string | undefined): void => {
    exit =
      code === null
        ? { kind: 'signalled', signal: (signal ?? 'unknown').replace(/^(SIG)?/, 'SIG') }
        : { kind: 'exited', exit: code }
    if (!ended && ticker === undefined) watchLeftOpen()
  }

  const onChannel = (opened: ExecChannel): void => {
    channel = opened
    connection.served()
    if (dropped) opened.close()
    else if (!gate) feed()
  }

  const start = (): void => {
    connection.expectSent(line)
    const request = { command: line, terminal: wrapped.terminal ? terminal : undefined }
    connection.exec(request, { onData: onBytes, onExit, onClose: settle }, (error, opened) => {
      const sent = connection.maySent(line)
      connection.forgetSent(line)
      if (opened) onChannel(opened)
      else finish(endOfFailedStart(error, sent, connection.isOpen))
    })
  }

  try {
    start()
  } catch {
    connection.forgetSent(line)
    finish({ kind: 'stale' })
  }
  return {
    end: promise,
    withdraw: () => channel === undefined && !ended && connection.withdraw(line),
    kill: () => channel?.signal('KILL'),
    drop: () => {
      dropped = true
      channel?.close()
      channel?.resume()
      finish(cut())
    },
  }
}

const endOfFailedStart = (
  error: OpenError | undefined,
  sent: boolean,
  stillOpen: boolean,
): SessionEnd => {
  // Not even its start was confirmed: a host that went down by the command would have done that first.
  if (!stillOpen) return sent ? { kind: 'cut', begun: false } : { kind: 'stale' }
  // `reason` is there when the server itself refused the channel.
  if (error?.reason !== undefined && !sent) return { kind: 'full' }
  return { kind: 'denied', message: 'the host does not let this account run commands' }
}
