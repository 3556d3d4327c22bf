// The local driver: carries leaves out on the machine that the controller itself runs on.

import { release } from 'node:os'
import type { HostEnd, HostLeaf, LeftRunning, Secrets } from '@omserver/core'
import { copyProgress } from '../../copy-progress.ts'
import { createDetachedCarrier } from '../../detached/detached-carrier.ts'
import type { Driver, HostReport } from '../../driver.ts'
import { type BlobReader, unreadContent } from '../../fed-content.ts'
import { withFetch } from '../../host-fetch.ts'
import { type HostLeafWork, onlyHostLeaves } from '../../host-leaves.ts'
import { hostProgram, programEnd, signalEnd } from '../../host-program.ts'
import { createLastWords } from '../../last-words.ts'
import { isOpened, openLeaf } from '../../opened-leaf.ts'
import { randomToken } from '../../random-token.ts'
import { wrapRunAs } from '../../run-as.ts'
import { localChannel } from './host-channel.ts'
import { type Session, type SessionEnd, startSession } from './session.ts'
import { stopSession } from './stop-session.ts'

export interface LocalDriverOptions {
  readonly secrets: Pick<Secrets, 'open'>
  /** Where a copy takes content that its action does not carry. */
  readonly blobs?: BlobReader
  /** `[a-z0-9]{16,}`, never the same twice, not to be guessed. */
  readonly newToken?: () => string
  /** Where detached commands keep their spools; see DEFAULT_SPOOLS. */
  readonly spools?: string
}

const MESSAGE_CHARACTERS = 500
const monotonic = { monotonic: () => performance.now() }

const nothingSent: HostEnd = {
  state: 'lost',
  leftRunning: 'no',
  message: 'stopped before anything was started',
}

const endOf = (ended: SessionEnd, action: HostLeaf, lastWords: string | undefined): HostEnd => {
  switch (ended.kind) {
    case 'exited':
      return programEnd(action, ended.exit, lastWords)
    case 'signalled':
      // A machine that goes down ends what runs on it first.
      return action.kind === 'shell' && action.endsBy === 'disconnect'
        ? { state: 'ok' }
        : signalEnd(ended.signal)
    case 'barred': {
      const message = ended.message.slice(0, MESSAGE_CHARACTERS)
      return { state: 'failed', reason: 'runAsRefused', message }
    }
    case 'denied': {
      const message = ended.message.slice(0, MESSAGE_CHARACTERS)
      return { state: 'failed', reason: 'driverError', message }
    }
  }
}

export const localDriver = (options: LocalDriverOptions): Driver => {
  const newToken = options.newToken ?? randomToken
  const sessions = new Set<Session>()
  const detachedCarrier = createDetachedCarrier({
    sources: options,
    newToken,
    spools: options.spools,
  })
  const channel = localChannel({ newToken, sessions })

  const carryOut = async (
    work: HostLeafWork,
    report: HostReport,
    signal: AbortSignal,
  ): Promise<HostEnd> => {
    const { action } = work
    const { runAs } = action
    const opened = await openLeaf(action, work.host, { ...options, feeds: true })
    if (!isOpened(opened)) return opened
    try {
      await report.started()
    } catch {
      return nothingSent
    }
    if (signal.aborted) return nothingSent
    const { leaf, password } = opened
    const task = newToken()
    const program = hostProgram(leaf, { task, terminal: false, compare: work.check })
    const words = createLastWords(work.host.encoding)
    let trouble: string | undefined
    const session = startSession({
      // There is no terminal here: su then reads its password from standard input, as sudo does.
      wrapped: wrapRunAs(program.text, runAs, {
        hasPassword: runAs?.method === 'sudo' && password !== undefined,
        token: newToken(),
      }),
      program,
      password,
      onOutput: (stream, bytes) => {
        if (stream === 'stderr') words.push(bytes)
        return report.output(stream, bytes)
      },
      onProgress: copyProgress(leaf.fed?.size ?? 0, monotonic, (line) => report.progress?.(line)),
      onTrouble: (error) => {
        trouble = error instanceof Error ? error.message : ''
      },
    })
    sessions.add(session)
    let stopping: Promise<LeftRunning> | undefined
    const stop = (): void => {
      stopping = stopSession({ session, task, runAs, password, newToken })
    }
    signal.addEventListener('abort', stop, { once: true })
    const ended = await session.end
    signal.removeEventListener('abort', stop)
    sessions.delete(session)
    const end = endOf(ended, action, unreadContent(trouble) ?? words.read())
    const leftRunning = await stopping
    return leftRunning === undefined ? end : { ...end, leftRunning }
  }

  return {
    name: 'local',
    detaches: true,
    capabilities: {
      leaves: ['shell', 'script', 'copy', 'fetch'],
      comparesCopies: true,
      abort: 'remote',
    },
    carryOut: withFetch(
      onlyHostLeaves(async (work, report, signal) => {
        const { detached } = work
        try {
          if (detached)
            return await detachedCarrier.carryOut(work, detached, channel, report, signal)
          return signal.aborted ? nothingSent : await carryOut(work, report, signal)
        } catch (error) {
          const message = error instanceof Error ? error.message.slice(0, MESSAGE_CHARACTERS) : ''
          return { state: 'failed', reason: 'driverError', message }
        }
      }),
      newToken,
    ),
    health: () => Promise.resolve({ ok: true, version: `Linux ${release()}`, problems: [] }),
    async close() {
      for (const session of [...sessions]) session.drop()
    },
  }
}
