// Ends a program on its host, whatever state it is in, within a deadline, and says truly whether it is gone.

import type { LeftRunning } from '@omserver/core'
import type { Failure } from '../../failure.ts'
import { needsTerminal, type RunAsAccount, wrapRunAs } from '../../run-as.ts'
import { readStop, stopProgram } from '../../stop-program.ts'
import type { Connection } from './connection.ts'
import { type Session, startOf, startSession } from './session.ts'

export interface StopOptions {
  readonly connection: Connection
  readonly session: Session
  readonly task: string
  readonly runAs?: RunAsAccount
  readonly password?: string
  readonly newToken: () => string
  /** When the connection takes no more channels. */
  readonly openAnother: (signal: AbortSignal) => Promise<Connection | Failure>
}

/** The driver must answer within 2 s of the signal. */
const DEADLINE_MS = 1_800
/** For the program's last words, once it is dead. */
const LAST_WORDS_MS = 300

/** Never rejects; the session is over when it resolves. */
export const stopSession = async (options: StopOptions): Promise<LeftRunning> => {
  const { session } = options
  if (session.withdraw()) {
    session.drop()
    return 'no'
  }
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), DEADLINE_MS)
  let gone = false
  const over = session.end.then((end) => {
    gone = end.kind !== 'cut'
  })
  const deadline = new Promise<undefined>((resolve) => {
    giveUp.signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  try {
    const said = await Promise.race([killAll(options, giveUp.signal), deadline])
    if (said === 'no') {
      await Promise.race([over, deadline, pause(LAST_WORDS_MS)])
      return 'no'
    }
    if (said === 'yes') return 'yes'
    // Nothing found: it ended by itself, or the killer could not look.
    if (said === 'none') await Promise.race([over, deadline, pause(LAST_WORDS_MS)])
    if (said === 'none' && gone) return 'no'
    // The last thing to try; that it worked for the program itself tells nothing about what it had started.
    session.kill()
    await Promise.race([over, deadline])
    return 'unknown'
  } finally {
    clearTimeout(timer)
    giveUp.abort()
    session.drop()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const killAll = async (
  options: StopOptions,
  signal: AbortSignal,
): Promise<LeftRunning | 'none'> => {
  const said = await killOn(options.connection, options)
  if (said !== 'full') return said
  const another = await options.openAnother(signal)
  if (!('client' in another)) return 'unknown'
  const saidThere = await killOn(another, options)
  another.end()
  return saidThere === 'full' ? 'unknown' : saidThere
}

const killOn = async (
  connection: Connection,
  options: StopOptions,
): Promise<LeftRunning | 'none' | 'full'> => {
  const { runAs, password, task } = options
  const hasPassword = password !== undefined
  const text = needsTerminal(runAs, hasPassword)
    ? `exec </dev/null; ${stopProgram(task)}`
    : stopProgram(task)
  const token = options.newToken()
  const wrapped = wrapRunAs(text, runAs, { hasPassword, token })
  const said: Buffer[] = []
  const killer = startSession(connection, startOf({ wrapped, program: { text }, password }), {
    onOutput: (stream, bytes) => {
      if (stream === 'stdout' && said.length < 100) said.push(bytes)
      return undefined
    },
  })
  const end = await killer.end
  if (end.kind === 'full') return 'full'
  return end.kind === 'exited' ? readStop(Buffer.concat(said).toString('utf8')) : 'unknown'
}
