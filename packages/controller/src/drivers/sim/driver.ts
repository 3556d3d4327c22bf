// A fleet that does not exist: for demonstrations, for tests, and for measuring everything but the hosts.

import {
  blobOf,
  type CopyAction,
  type HostEnd,
  type HostLeaf,
  type OutputStream,
  renderCommand,
} from '@omserver/core'
import type { Driver, HostReport } from '../../driver.ts'
import { type HostLeafWork, onlyHostLeaves } from '../../host-leaves.ts'
import { simAnswer } from './sim-answers.ts'
import { type SimHost, seedOf, simHostOf } from './sim-host.ts'
import { noJournal, simJournal } from './sim-journal.ts'
import { type SimLine, simScript } from './sim-script.ts'

const FASTEST_MS = 20
const SPREAD_MS = 380
const SLOW_TIMES = 20

/** Of a thousand commands on a thousand hosts, so many fail for no reason. */
const FAIL_PERMILLE = 15

const stopped: HostEnd = { state: 'failed', reason: 'signal', signal: 'SIGTERM', leftRunning: 'no' }

/** Resolves after `ms`, or when the signal is given; at once when there is nothing to wait for. */
const pause = (ms: number, signal: AbortSignal): Promise<void> | undefined => {
  if (ms <= 0 || signal.aborted) return undefined
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

const endOf = (action: HostLeaf, exit: number, message?: string): HostEnd => {
  const { okExit = [0], changedExit } = action.kind === 'copy' ? {} : action
  if (changedExit?.includes(exit)) return { state: 'ok', exit, changed: true }
  if (okExit.includes(exit))
    return { state: 'ok', exit, ...(changedExit ? { changed: false } : {}) }
  return {
    state: 'failed',
    reason: 'exit',
    exit,
    message: message ?? `ended with exit code ${exit}`,
  }
}

const chunk = (bytes: number, index: number): Uint8Array =>
  Buffer.from(`${`chunk ${index} `.padEnd(bytes, '.').slice(0, Math.max(0, bytes - 1))}\n`)

/** Shared by all: ten thousand hosts that say the same need one copy of it. */
const chunkCache = new Map<string, Uint8Array>()
const chunkOf = (bytes: number, index: number): Uint8Array => {
  const key = `${bytes} ${index}`
  const known = chunkCache.get(key)
  if (known) return known
  const made = chunk(bytes, index)
  if (chunkCache.size < 256) chunkCache.set(key, made)
  return made
}

interface SimRun {
  readonly host: SimHost
  readonly report: HostReport
  readonly signal: AbortSignal
}

const runLines = async (lines: readonly SimLine[], run: SimRun): Promise<number> => {
  const { host, report, signal } = run
  const say = (stream: OutputStream, bytes: Uint8Array) => report.output(stream, bytes)
  for (const line of lines) {
    if (signal.aborted) return 143
    switch (line.kind) {
      case 'echo':
        await say(line.stream, Buffer.from(`${line.text.replaceAll('$(hostname)', host.name)}\n`))
        break
      case 'sleep':
        await pause(line.ms, signal)
        break
      case 'exit':
        return line.code
      case 'chunks':
        for (let index = 0; index < line.count && !signal.aborted; index++) {
          const room = say('stdout', chunkOf(line.bytes, index))
          if (room) await room
          const wait = pause(line.delayMs, signal)
          if (wait) await wait
        }
        break
    }
  }
  return 0
}

interface SimCommand extends SimRun {
  readonly text: string
  readonly delay: number
}

const textOf = (work: HostLeafWork): string => {
  const { action, host } = work
  switch (action.kind) {
    case 'shell':
      return renderCommand(action.command, host.vars)
    case 'script':
      return action.content
    case 'copy':
      return `copy ${action.dest}`
  }
}

const isOrdinary = (host: SimHost): boolean =>
  !host.fast && (host.mood === 'well' || host.mood === 'slow')

export interface SimDriverOptions {
  /** File that hosts append a line to when a command begins and ends on them; see sim-journal.ts. */
  readonly journal?: string
}

/** Deterministic: a host answers, fails and dawdles by its name and the command. */
export const simDriver = (options: SimDriverOptions = {}): Driver => {
  const note = options.journal ? simJournal(options.journal) : noJournal
  const files = new Map<string, Map<string, string>>()

  const copy = (host: SimHost, action: CopyAction): HostEnd => {
    const { source } = action
    const content = 'text' in source ? source.text : (blobOf(source)?.blob ?? '')
    const own = files.get(host.name) ?? new Map<string, string>()
    files.set(host.name, own)
    const changed = own.get(action.dest) !== content
    own.set(action.dest, content)
    return { state: 'ok', exit: 0, changed }
  }

  /** The check of a copy reads the content on its standard input. */
  const copyCheck = (host: SimHost, text: string, content: unknown): string | undefined => {
    const dest = /^d=(\S+)$/m.exec(text)?.[1]?.replaceAll("'", '')
    if (dest === undefined || !text.includes('would change:')) return undefined
    const file = files.get(host.name)?.get(dest)
    if (file === undefined) return 'would change: new file\n'
    return file === content ? 'identical\n' : 'would change: content\n'
  }

  const answer = async (text: string, run: SimRun): Promise<{ exit: number; message?: string }> => {
    const { host, report } = run
    const lines = simScript(text)
    if (lines) return { exit: await runLines(lines, run) }
    const file = files.get(host.name)?.get(text.match(/^\s*cat (\S+)\s*$/)?.[1] ?? '')
    const known = file === undefined ? simAnswer(text, host) : { output: file, exit: 0 }
    if (known && known.output !== '') {
      await report.output(known.exit === 0 ? 'stdout' : 'stderr', Buffer.from(known.output))
    }
    return { exit: known?.exit ?? 0, message: known?.exit ? known.output.trim() : undefined }
  }

  /** What the host does once it may. */
  const command = async (work: HostLeafWork, run: SimCommand): Promise<HostEnd> => {
    const { host, text, report, signal, delay } = run
    const luck = seedOf(host.name + text)
    if (delay > 0) await pause((delay * 3) / 4, signal)
    if (host.mood === 'hang') await pause(2 ** 31 - 1, signal)
    if (signal.aborted) return stopped
    const fails =
      host.mood === 'broken' || (isOrdinary(host) && (luck >>> 4) % 1000 < FAIL_PERMILLE)
    if (fails) {
      const message = 'cannot allocate memory'
      await report.output('stderr', Buffer.from(`sh: fork: ${message}\n`))
      return endOf(work.action, 254, message)
    }
    if (work.action.kind === 'copy') return copy(host, work.action)
    const compared =
      work.action.kind === 'shell' ? copyCheck(host, text, work.action.stdin) : undefined
    if (compared !== undefined) {
      await report.output('stdout', Buffer.from(compared))
      return endOf(work.action, 0)
    }
    const { exit, message } = await answer(text, { host, report, signal })
    return signal.aborted ? stopped : endOf(work.action, exit, message)
  }

  return {
    name: 'sim',
    // A simulated host says the same again, from the beginning: what was stored of it is not stored twice.
    detaches: true,
    capabilities: { leaves: ['shell', 'script', 'copy'], abort: 'remote' },

    carryOut: onlyHostLeaves(async (work, report, signal) => {
      const host = simHostOf(work.host)
      const text = textOf(work)
      const luck = seedOf(host.name + text)
      const usual = FASTEST_MS + (luck % SPREAD_MS)
      const delay = host.fast ? 0 : host.mood === 'slow' ? usual * SLOW_TIMES : usual
      if (delay > 0) await pause(delay / 4, signal)
      if (host.mood === 'down') {
        const message = `connect to ${host.address}: no route to host`
        return { state: 'unreachable', reason: 'noRoute', message }
      }
      if (signal.aborted) return stopped
      const at = { runId: work.runId, host: host.name }
      if (!work.detached?.resume) {
        note('starting', at)
        try {
          await report.started()
        } catch {
          const message = 'not started'
          return { state: 'failed', reason: 'driverError', message, leftRunning: 'no' }
        }
        note('begun', at)
      }
      const end = await command(work, { host, text, report, signal, delay })
      note('ended', at)
      return end
    }),

    async health() {
      return { ok: true, version: '1', problems: [] }
    },

    async close() {
      files.clear()
    },
  }
}
