// Carries one leaf out on some hosts of a master at once: who is there, who may start, then one job for those that do the same.

import type { HostEnd } from '@omserver/core'
import type { Member, WorkTogether } from '../../driver.ts'
import { type WatchedJob, type WatchTimes, watchJob } from './job-watch.ts'
import { isLeafJob, type LeafJob, type LeafSources, leafJob, type Teller } from './leaf-job.ts'
import type { SaltMaster } from './salt-master.ts'
import { notSent } from './trouble.ts'

interface Ready {
  readonly member: Member
  readonly job: LeafJob
}

const nothingSent: HostEnd = {
  state: 'lost',
  leftRunning: 'no',
  message: 'stopped before anything was sent',
}

const noKey: HostEnd = {
  state: 'unreachable',
  reason: 'minionUnknown',
  message: 'the master has no accepted key of a minion of this name',
}

const noAnswer = (ms: number): HostEnd => ({
  state: 'unreachable',
  reason: 'connectTimeout',
  message: `the minion did not answer within ${Math.round(ms / 100) / 10} s`,
})

/** Resolves with the members for whom `until` was reached before their signal; the others are ended. */
const unlessAborted = async (member: Member, until: Promise<unknown>): Promise<boolean> => {
  const { signal } = member
  const stopped = Promise.withResolvers<void>()
  const stop = (): void => stopped.resolve()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  await Promise.race([until, stopped.promise])
  signal.removeEventListener('abort', stop)
  if (signal.aborted) member.end(nothingSent)
  return !signal.aborted
}

export const windowOf = (parts: {
  readonly sources: LeafSources
  readonly newToken: () => string
  readonly times: WatchTimes
}): ((master: SaltMaster, work: WorkTogether, members: readonly Member[]) => Promise<void>) => {
  /** Those for whom there is something to do. */
  const prepared = async (
    work: WorkTogether,
    members: readonly Member[],
  ): Promise<readonly Ready[]> => {
    const token = parts.newToken()
    const made = await Promise.all(
      members.map(async (member) => {
        if (member.signal.aborted) return member.end(nothingSent)
        const { host } = member
        const check = work.check === true
        const job = await leafJob(work.action, { host, check, token, sources: parts.sources })
        if (isLeafJob(job)) return { member, job }
        member.end(job)
      }),
    )
    return made.flatMap((one) => one ?? [])
  }

  /** Those whose minion answers now: of the others it can be said that nothing was sent. */
  const present = async (
    master: SaltMaster,
    ready: readonly Ready[],
    ms: number,
  ): Promise<readonly Ready[]> => {
    const minions = ready.map(({ member }) => member.host.name)
    if (minions.length === 0) return []
    const asked = master.presence(minions, ms)
    asked.catch(() => undefined)
    const stayed = await Promise.all(
      ready.map(({ member }) =>
        unlessAborted(
          member,
          asked.catch(() => undefined),
        ),
      ),
    )
    const staying = ready.filter((_, index) => stayed[index])
    if (staying.length === 0) return []
    try {
      const found = await asked
      return staying.filter(({ member }) => {
        const { name } = member.host
        const presence = found.get(name)
        if (presence === 'here') return true
        member.end(presence === 'silent' ? noAnswer(ms) : noKey)
        return false
      })
    } catch (error) {
      for (const { member } of staying) member.end(notSent(error))
      return []
    }
  }

  const started = async (ready: readonly Ready[]): Promise<readonly Ready[]> => {
    const mayStart = await Promise.all(
      ready.map(async ({ member }) => {
        try {
          await member.report.started()
        } catch {
          member.end(nothingSent)
          return false
        }
        if (member.signal.aborted) member.end(nothingSent)
        return !member.signal.aborted
      }),
    )
    return ready.filter((_, index) => mayStart[index])
  }

  /** Hosts of which exactly the same is asked. */
  const alike = (ready: readonly Ready[]): readonly (readonly Ready[])[] => [
    ...Map.groupBy(ready, ({ job }) => JSON.stringify([job.fun, job.arg, job.kwarg])).values(),
  ]

  return async (master, work, members) => {
    const here = await present(master, await prepared(work, members), work.connectTimeoutMs)
    const running = await started(here)
    await Promise.all(alike(running).map((group) => runJob(master, group, parts.times)))
  }
}

const runJob = async (
  master: SaltMaster,
  group: readonly Ready[],
  times: WatchTimes,
): Promise<void> => {
  const [first] = group
  if (!first) return
  const { teller: _, ...job } = first.job
  const open = new Map<string, { readonly member: Member; readonly teller: Teller }>()
  const ends = group.map(({ member, job }) => {
    const over = Promise.withResolvers<void>()
    const end = (how: HostEnd): void => {
      member.end(how)
      over.resolve()
    }
    open.set(member.host.name, {
      member: { ...member, end },
      teller: job.teller(member.report),
    })
    return over.promise
  })
  const conclude = async (minion: string, end: (teller: Teller) => Promise<HostEnd>) => {
    const one = open.get(minion)
    open.delete(minion)
    if (!one) return
    try {
      one.member.end(await end(one.teller))
    } catch (error) {
      one.member.end({ ...notSent(error), leftRunning: 'no' })
    }
  }
  const watched: WatchedJob = watchJob(
    master,
    { minions: [...open.keys()], ...job },
    {
      onReturn: (minion, returned) => void conclude(minion, (teller) => teller.conclude(returned)),
      onProgress: (minion, data) => open.get(minion)?.teller.progress(data),
      onEnd: (minion, end) => void conclude(minion, async () => end),
    },
    times,
  )
  const stops = [...open].map(([minion, { member }]) => {
    const stop = async (): Promise<void> => {
      const left = await watched.kill(minion)
      // It has returned meanwhile: its own end is on its way.
      if (left === undefined) return
      const message = left === 'no' ? 'killed by Salt' : 'Salt did not say whether it was killed'
      await conclude(minion, async () => ({ state: 'lost', message, leftRunning: left }))
    }
    const onAbort = (): void => void stop()
    if (member.signal.aborted) onAbort()
    else member.signal.addEventListener('abort', onAbort, { once: true })
    return () => member.signal.removeEventListener('abort', onAbort)
  })
  await Promise.all(ends)
  for (const stop of stops) stop()
  watched.close()
}
