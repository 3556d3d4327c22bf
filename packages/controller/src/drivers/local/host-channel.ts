// Speaks to a detached command on this machine.

import type { ChannelEnd, ChannelRun, HostChannel } from '../../host-channel.ts'
import { wrapRunAs } from '../../run-as.ts'
import { type Session, startSession } from './session.ts'

export const localChannel = (parts: {
  readonly newToken: () => string
  /** Those that are under way. */
  readonly sessions: Set<Session>
}): HostChannel => {
  const run = async (work: ChannelRun): Promise<ChannelEnd> => {
    const { text, input, runAs, password, signal, onOutput } = work
    await work.beforeSend?.()
    if (signal.aborted) {
      return { kind: 'unsent', end: { state: 'lost', leftRunning: 'no' } }
    }
    const session = startSession({
      wrapped: wrapRunAs(text, runAs, {
        hasPassword: runAs?.method === 'sudo' && password !== undefined,
        token: parts.newToken(),
      }),
      program: { text, ...(input === undefined ? {} : { stdin: input }) },
      password,
      onOutput,
    })
    parts.sessions.add(session)
    const close = (): void => session.drop()
    signal.addEventListener('abort', close, { once: true })
    const ended = await session.end
    signal.removeEventListener('abort', close)
    parts.sessions.delete(session)
    switch (ended.kind) {
      case 'exited':
        return { kind: 'exited' }
      case 'signalled':
        return { kind: 'cut' }
      case 'barred':
        return { kind: 'barred', message: ended.message }
      case 'denied': {
        const { message } = ended
        return { kind: 'unsent', end: { state: 'failed', reason: 'driverError', message } }
      }
    }
  }
  return {
    run: (work) =>
      run(work).catch((error: unknown): ChannelEnd => {
        const message = error instanceof Error ? error.message.slice(0, 500) : ''
        return { kind: 'unsent', end: { state: 'failed', reason: 'driverError', message } }
      }),
    // su then reads its password from standard input, as sudo does.
    onTerminal: () => false,
  }
}
