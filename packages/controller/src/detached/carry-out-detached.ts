// Carries out one command that goes on by itself on its host: begins it once, and follows it through cut connections.

import type { HostEnd, HostLeaf, LeftRunning } from '@omserver/core'
import type { HostReport } from '../driver.ts'
import type { ChannelEnd, ChannelRun, HostChannel } from '../host-channel.ts'
import type { HostLeafWork } from '../host-leaves.ts'
import { hostProgram, type OpenedLeaf, programEnd, signalEnd } from '../host-program.ts'
import { createLastWords } from '../last-words.ts'
import { encodeForTerminal } from '../run-as.ts'
import { readStop } from '../stop-program.ts'
import type { Spool } from './spool.ts'
import { attachProgram, beginProgram, cleanProgram, endProgram } from './spool-programs.ts'
import { createSpoolReader, type SpoolEnd } from './spool-reader.ts'

export interface DetachedParts {
  readonly channel: HostChannel
  readonly spool: Spool
  /** Absent: it was begun by somebody else; there is nothing to begin. */
  readonly leaf: OpenedLeaf | undefined
  readonly password: string | undefined
  readonly newToken: () => string
  /** Resolves after so many ms, or when the signal is given. Never rejects. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** Spools of this host that could not be cleaned yet. */
  readonly leftovers: Leftovers
}

/** By host; each resolves to true when it has done its work. */
export type Leftovers = Map<string, Set<() => Promise<boolean>>>

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** A driver answers within 2 s of its signal. */
const STOP_DEADLINE_MS = 1_700
const LAST_WORDS_MS = 500
const CLEAN_DEADLINE_MS = 60_000
const MESSAGE_CHARACTERS = 500

const lost = (message: string, leftRunning: LeftRunning): HostEnd => ({
  state: 'lost',
  reason: 'connectionCut',
  message,
  leftRunning,
})

const refusals: Readonly<Record<string, string>> = {
  link: 'the spool folder on the host is a link: somebody has put it there',
  kind: 'what stands in the place of the spool folder on the host is not a folder',
  owner: 'the spool folder on the host belongs to another account',
  make: 'the spool folder cannot be made on the host',
  space: 'there is no space for the spool folder on the host',
  fifo: 'the spool folder of the host holds no pipes',
  cut: 'the command did not arrive whole, and was not begun',
}
const refusalOf = (why: string): string => refusals[why] ?? 'the spool folder on the host refused'

const endOfSpool = (end: SpoolEnd, action: HostLeaf, words: string | undefined): HostEnd => {
  if (end.kind === 'exited') return programEnd(action, end.exit, words)
  if (end.rebooted && action.kind === 'shell' && action.endsBy === 'disconnect') {
    return { state: 'ok' }
  }
  return end.rebooted
    ? lost('the host was started anew before the command had ended', 'no')
    : lost(
        'what watched over the command on the host is gone, and with it how it ended',
        end.leftRunning,
      )
}

/** A shell says 128 + n of a command that signal n ended, which a command may say as well: here the signal was ours. */
const endedByUs = (end: HostEnd): HostEnd => {
  if (end.exit === 143) return signalEnd('SIGTERM')
  return end.exit === 137 ? signalEnd('SIGKILL') : end
}

/** Never ends by itself while the host may still say something: a deadline is the signal's. */
export const carryOutDetached = async (
  parts: DetachedParts,
  work: HostLeafWork,
  report: HostReport,
  signal: AbortSignal,
): Promise<HostEnd> => {
  const { channel, spool, leaf, password, newToken, pause, leftovers } = parts
  const { action } = work
  const { runAs } = action
  const endsByDisconnect = action.kind === 'shell' && action.endsBy === 'disconnect'
  const terminal = channel.onTerminal(runAs, password !== undefined)
  const words = createLastWords(work.host.encoding)
  const closing = new AbortController()
  const reader = createSpoolReader({
    onOutput: (stream, bytes) => {
      if (closing.signal.aborted) return undefined
      if (stream === 'stderr') words.push(bytes)
      return report.output(stream, bytes)
    },
    onMissed: (bytes) => report.missed(bytes),
    onElapsed: (ms) => report.elapsed(ms),
  })
  const ask = (
    text: string,
    until: AbortSignal,
    more: Partial<Pick<ChannelRun, 'input' | 'beforeSend' | 'onOutput' | 'urgent'>> = {},
  ): Promise<ChannelEnd> =>
    channel.run({
      text: terminal && more.input === undefined ? `exec </dev/null; ${text}` : text,
      runAs,
      password,
      signal: until,
      onOutput: () => undefined,
      ...more,
    })
  const askForText = async (text: string, until: AbortSignal, urgent?: true): Promise<string> => {
    const said: Buffer[] = []
    await ask(text, until, {
      ...(urgent ? { urgent } : {}),
      onOutput: (_stream, bytes) => {
        if (said.length < 100) said.push(bytes)
        return undefined
      },
    })
    return Buffer.concat(said).toString('latin1')
  }

  /** Something of it may be on the host. */
  let mayBeThere = leaf === undefined

  const begin = async (opened: OpenedLeaf): Promise<HostEnd | undefined> => {
    const program = hostProgram(opened, { terminal: false })
    const text = Buffer.from(program.text)
    const sent = Buffer.concat([text, program.stdin ?? new Uint8Array()])
    const token = newToken()
    const begun = beginProgram(spool, {
      token,
      programBytes: text.length,
      totalBytes: sent.length,
      hasInput: program.stdin !== undefined,
      terminal,
    })
    const said: Buffer[] = []
    let durable = true
    const ended = await ask(begun, closing.signal, {
      input: terminal ? Buffer.from(encodeForTerminal(sent)) : sent,
      beforeSend: () =>
        report.started().then(
          () => {
            mayBeThere = true
          },
          (error: unknown) => {
            durable = false
            throw error
          },
        ),
      onOutput: (_stream, bytes) => {
        if (said.length < 100) said.push(bytes)
        return undefined
      },
    })
    if (!durable) return lost('stopped before anything was sent', 'no')
    if (ended.kind === 'unsent') return ended.end
    if (ended.kind === 'barred') {
      const message = ended.message.slice(0, MESSAGE_CHARACTERS)
      return { state: 'failed', reason: 'runAsRefused', message }
    }
    const why = new RegExp(`^om-${token} no (\\w+)`, 'm').exec(
      Buffer.concat(said).toString('latin1'),
    )
    if (why?.[1] === undefined) return undefined
    return { state: 'failed', reason: 'driverError', message: refusalOf(why[1]) }
  }

  /** Resolves to the end, or to undefined when `closing` was given. */
  const follow = async (): Promise<HostEnd | undefined> => {
    let wait = FIRST_PAUSE_MS
    while (!closing.signal.aborted) {
      const token = newToken()
      reader.attach(token)
      const before = reader.position.lines
      const program = attachProgram(spool, token, reader.position, channel.afterwards)
      const ended = await ask(program, closing.signal, {
        onOutput: (stream, bytes) => (stream === 'stdout' ? reader.push(bytes) : undefined),
      })
      if (reader.end) {
        if (reader.end.kind === 'exited' && reader.end.tookMs !== undefined) {
          report.elapsed(reader.end.tookMs, 'over')
        }
        return endOfSpool(reader.end, action, words.read())
      }
      const { word } = reader
      if (word === 'never') {
        return lost('the command had not begun on the host, and does not begin any more', 'no')
      }
      if (typeof word === 'object') return lost(refusalOf(word.no), 'unknown')
      if (channel.afterwards && ended.kind === 'exited' && word === 'here') continue
      // It was begun, and takes the way to the host with it.
      if (endsByDisconnect && ended.kind !== 'exited' && !closing.signal.aborted) {
        return { state: 'ok' }
      }
      // A login that is no more does not come back by waiting.
      if (ended.kind === 'unsent' && ended.end.reason === 'noCredential') {
        return lost(ended.end.message ?? 'the credential of the host is gone', 'unknown')
      }
      wait = reader.position.lines > before ? FIRST_PAUSE_MS : Math.min(wait * 2, LONGEST_PAUSE_MS)
      await pause(wait, closing.signal)
    }
    return undefined
  }

  const clean = async (): Promise<boolean> => {
    const token = newToken()
    const until = AbortSignal.timeout(CLEAN_DEADLINE_MS)
    const said = await askForText(cleanProgram(spool, token), until)
    return said.includes(`om-${token} clean`)
  }
  const cleanLater = (): void => {
    const { hostId } = work.host
    const others = leftovers.get(hostId) ?? new Set()
    leftovers.delete(hostId)
    for (const job of [...others, clean]) {
      void job().then((done) => {
        if (done) return
        const left = leftovers.get(hostId) ?? new Set()
        leftovers.set(hostId, left.add(job))
      })
    }
  }

  const stop = async (): Promise<LeftRunning> => {
    const until = AbortSignal.timeout(STOP_DEADLINE_MS)
    const left = readStop(await askForText(endProgram(spool), until, true))
    // Its last words are on their way.
    if (left !== 'unknown') await Promise.race([over, pause(LAST_WORDS_MS, until)])
    return left === 'none' ? (reader.end ? 'no' : 'unknown') : left
  }

  let stopping: Promise<LeftRunning> | undefined
  const onSignal = (): void => {
    // Somebody else follows the command from here on.
    if (signal.reason === 'leave') closing.abort()
    else stopping = stop().finally(() => closing.abort())
  }
  const carry = async (): Promise<HostEnd | undefined> =>
    (leaf ? await begin(leaf) : undefined) ?? (await follow())
  if (leaf && signal.aborted) return lost('stopped before anything was sent', 'no')
  const over = carry()
  if (signal.aborted) onSignal()
  else signal.addEventListener('abort', onSignal, { once: true })
  const end = await over
  signal.removeEventListener('abort', onSignal)
  const leftRunning = await stopping
  closing.abort()
  void report.stored.then((stored) => {
    if (stored && mayBeThere) cleanLater()
  })
  const known = end ?? lost('nobody follows the command any more', 'unknown')
  return leftRunning === undefined ? known : { ...endedByUs(known), leftRunning }
}
