// Sees one published job to its end on every minion: by its events, by the job cache, and by asking minions that are silent.

import type { HostEnd, Json, LeftRunning } from '@omserver/core'
import { z } from 'zod'
import type { Job, MinionReturn, SaltMaster } from './salt-master.ts'
import { notSent, SaltTrouble, wordsOf } from './trouble.ts'

export interface WatchTimes {
  /** A minion that is silent for so long is asked, ms. */
  readonly askMs: number
  /** How long it has to answer, ms. */
  readonly answerMs: number
}

export interface WatchableJob extends Job {
  readonly minions: readonly string[]
  /** Arguments of a cmd.run_all that ends what a killed job may have left; its exit is 0 when nothing is. */
  readonly sweep?: Readonly<Record<string, Json>>
}

export interface JobEars {
  onReturn(minion: string, returned: MinionReturn): void
  onProgress(minion: string, data: unknown): void
  /** No return will come. */
  onEnd(minion: string, end: HostEnd): void
}

export interface WatchedJob {
  /** Ends the job on a minion. Resolves within `KILL_MS`; to undefined when it returned by itself. */
  kill(minion: string): Promise<LeftRunning | undefined>
  /** Nobody waits for any of them any longer. */
  close(): void
}

/** The driver has 2 s after a signal. */
const KILL_MS = 1_700
const KILL_AGAIN_MS = 100
/** Aborts of a run come within one turn: they are one call. */
const GATHER_MS = 10
/**
 * So often in a row a minion may say that it does not run the job, or nothing at all, before it is given up. A return
 * that the master did not take is sent again for half a minute (return_retry_tries), and is then no job that runs.
 */
const NOT_RUNNING = 5
const SILENT = 3

const KILL = 'saltutil.kill_job'
const SWEEP = 'cmd.run_all'

const killJob = (jid: string, sweep: WatchableJob['sweep']): Pick<Job, 'fun' | 'arg'> =>
  sweep
    ? { fun: [KILL, SWEEP], arg: [[jid], [{ ...sweep, __kwarg__: true }]] }
    : { fun: KILL, arg: [jid] }

/** Each is said by itself when only one was called. */
const killedSchema = z
  .union([
    z.string().transform((kill) => ({ [KILL]: kill, [SWEEP]: { retcode: 0 } })),
    z.object({ [KILL]: z.string(), [SWEEP]: z.object({ retcode: z.number() }) }),
  ])
  .transform((said) => ({
    isSignalled: said[KILL].startsWith('Signal '),
    isSwept: said[SWEEP].retcode === 0,
  }))

const runningSchema = z.object({ pid: z.number() })

const unknownMinion: HostEnd = {
  state: 'unreachable',
  reason: 'minionUnknown',
  message: 'the master has no accepted key of a minion of this name',
}

export const watchJob = (
  master: SaltMaster,
  { sweep, ...job }: WatchableJob,
  ears: JobEars,
  times: WatchTimes,
): WatchedJob => {
  const pending = new Set(job.minions)
  const misses = new Map<string, { silent: number; notRunning: number }>()
  const over = new AbortController()
  let published = false
  let timer: NodeJS.Timeout | undefined
  let reconciling: Promise<void> | undefined

  const finish = (): void => {
    clearTimeout(timer)
    over.abort()
    master.forget(jid)
  }
  const settle = (minion: string): boolean => {
    if (!pending.delete(minion)) return false
    if (pending.size === 0) finish()
    return true
  }
  const returned = (minion: string, value: MinionReturn): void => {
    if (settle(minion)) ears.onReturn(minion, value)
  }
  const ended = (minion: string, end: HostEnd): void => {
    if (settle(minion)) ears.onEnd(minion, end)
  }

  const jid = master.listen({
    onReturn: returned,
    onProgress(minion, data) {
      misses.delete(minion)
      if (pending.has(minion)) ears.onProgress(minion, data)
    },
    onGap() {
      // A master that was away has to be found again by its minions first.
      misses.clear()
      void reconcile()
    },
  })

  /** What the job cache of the master has, whether or not we heard of it. False: the master does not know the job. */
  const reconcileOnce = async (): Promise<void> => {
    const stored = await master.stored(jid)
    for (const [minion, value] of stored ?? []) returned(minion, value)
  }
  const reconcile = (): Promise<void> => {
    reconciling ??= reconcileOnce()
      .catch(() => undefined)
      .finally(() => {
        reconciling = undefined
      })
    return reconciling
  }

  const missed = (minion: string, how: 'silent' | 'notRunning'): void => {
    const before = misses.get(minion) ?? { silent: 0, notRunning: 0 }
    const now = { ...before, [how]: before[how] + 1 }
    misses.set(minion, now)
    if (now.notRunning >= NOT_RUNNING) {
      ended(minion, {
        state: 'lost',
        reason: 'connectionCut',
        message: 'the minion does not run the job any more, and its return never came',
        leftRunning: 'no',
      })
    } else if (now.silent >= SILENT) {
      ended(minion, {
        state: 'lost',
        reason: 'connectionCut',
        message: 'the minion does not answer any more',
        leftRunning: 'unknown',
      })
    }
  }

  const askSilent = async (): Promise<void> => {
    const minions = [...pending]
    const ask = { minions, fun: 'saltutil.find_job', arg: [jid] }
    const { returns } = await master.ask(ask, times.answerMs, over.signal)
    if (over.signal.aborted) return
    await reconcile()
    for (const minion of minions) {
      if (!pending.has(minion)) continue
      const answer = returns.get(minion)
      if (answer && runningSchema.safeParse(answer.value).success) misses.delete(minion)
      else missed(minion, answer ? 'notRunning' : 'silent')
    }
  }

  const tick = (): void => {
    timer = setTimeout(() => {
      // A salt-api that is away says nothing of minions: only their own silence counts.
      askSilent()
        .catch(() => undefined)
        .finally(() => {
          if (pending.size > 0 && !over.signal.aborted) tick()
        })
    }, times.askMs)
  }

  /** Whether it was published, when the answer that would say so did not come. */
  const askForJob = async (error: unknown): Promise<void> => {
    for (let tries = 0; tries < 5 && pending.size > 0 && !over.signal.aborted; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries))
      try {
        const stored = await master.stored(jid)
        if (stored !== undefined) return tick()
        break
      } catch {
        // Not yet.
      }
    }
    const message = wordsOf(error)
    for (const minion of [...pending]) {
      ended(minion, { state: 'lost', reason: 'connectionCut', message, leftRunning: 'unknown' })
    }
  }

  master.publish(jid, job).then(
    (known) => {
      published = true
      for (const minion of [...pending]) if (!known.has(minion)) ended(minion, unknownMinion)
      if (pending.size > 0) tick()
    },
    (error: unknown) => {
      if (error instanceof SaltTrouble && error.mayHaveActed) {
        published = true
        void askForJob(error)
        return
      }
      for (const minion of [...pending]) ended(minion, notSent(error))
    },
  )

  const killing = new Map<string, PromiseWithResolvers<LeftRunning | undefined>>()

  const killGathered = async (): Promise<void> => {
    const deadline = performance.now() + KILL_MS
    const left = (): number => deadline - performance.now()
    const mine = [...killing]
    killing.clear()
    const open = new Map(mine)
    const signalled = new Set<string>()
    const tell = (minion: string, outcome: LeftRunning | undefined): void => {
      open.get(minion)?.resolve(outcome)
      open.delete(minion)
    }
    while (open.size > 0 && left() > 0) {
      const minions = [...open.keys()]
      const ask = { minions, ...killJob(jid, sweep) }
      const answered = published
        ? await master
            .ask(ask, left(), AbortSignal.timeout(Math.max(1, Math.ceil(left()))))
            .catch(() => undefined)
        : undefined
      for (const minion of minions) {
        const answer = killedSchema.safeParse(answered?.returns.get(minion)?.value)
        if (answer.data?.isSignalled) signalled.add(minion)
        if (!pending.has(minion)) tell(minion, undefined)
        else if (signalled.has(minion) && answer.data?.isSwept) tell(minion, 'no')
      }
      // It may not have begun on the minion, or be about to return.
      const wait = Math.min(KILL_AGAIN_MS, left())
      if (open.size > 0 && wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    }
    for (const minion of [...open.keys()]) {
      tell(minion, pending.has(minion) ? 'unknown' : undefined)
    }
  }

  return {
    kill(minion) {
      const known = killing.get(minion)
      if (known) return known.promise
      const outcome = Promise.withResolvers<LeftRunning | undefined>()
      if (killing.size === 0) setTimeout(() => void killGathered(), GATHER_MS)
      killing.set(minion, outcome)
      return outcome.promise
    },
    close: finish,
  }
}
