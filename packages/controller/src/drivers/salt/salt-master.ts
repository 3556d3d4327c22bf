// A master behind a salt-api: publishes jobs under ids of ours, and hands on what minions return, whichever way it comes.

import type { Clock, DriverEndpoint, Json } from '@omserver/core'
import { z } from 'zod'
import { eventReader, type JobEvent } from './event-blocks.ts'
import { newJid } from './jid.ts'
import { type SaltApi, saltApi } from './salt-api.ts'
import { SaltTrouble } from './trouble.ts'

/** What a minion returned for a job. */
export interface MinionReturn {
  readonly value: unknown
  readonly retcode: number
  /** Absent where Salt does not say. */
  readonly success?: boolean
}

export interface Job {
  /** `*`: every minion with an accepted key. */
  readonly minions: readonly string[] | '*'
  /** Several are called one after another, and return by their names; `arg` then has a list for each. */
  readonly fun: string | readonly string[]
  readonly arg?: readonly Json[]
  readonly kwarg?: Readonly<Record<string, Json>>
}

interface JobListener {
  onReturn(minion: string, returned: MinionReturn): void
  onProgress?(minion: string, data: unknown): void
  /** Something may have been missed: the events were interrupted. */
  onGap?(): void
}

export interface SaltMaster {
  readonly place: string
  /** A job id that nobody else uses, which is listened for from now on. */
  listen(listener: JobListener): string
  forget(jid: string): void
  /** Resolves to the minions it went out to: those with an accepted key. Rejects with SaltTrouble. */
  publish(jid: string, job: Job): Promise<ReadonlySet<string>>
  /** What the job cache of the master has of it; undefined: it does not know the job. */
  stored(jid: string): Promise<ReadonlyMap<string, MinionReturn> | undefined>
  /** A short call whose answers are awaited for `ms` after it went out; `signal` ends all of it. Rejects with SaltTrouble. */
  ask(job: Job, ms: number, signal?: AbortSignal): Promise<Asked>
  /** Closes it when the jobs under way have ended. */
  retire(): void
  /** Asks those that have not been heard of just now, each once at a time. Rejects with SaltTrouble. */
  presence(minions: readonly string[], ms: number): Promise<ReadonlyMap<string, Presence>>
  close(): void
}

/** `silent`: it did not answer. `unknown`: there is no accepted key of this name. */
type Presence = 'here' | 'silent' | 'unknown'

interface Asked {
  /** With an accepted key. */
  readonly known: ReadonlySet<string>
  readonly returns: ReadonlyMap<string, MinionReturn>
}

/** For salt-api to take a short call. */
const PUBLISH_MS = 15_000
/** Whoever was heard of so lately is there. */
const FRESH_MS = 2_000
const RECONNECT_MS = [200, 500, 1_000, 2_000, 5_000]
/** The stream stays open for a while for the next run. */
const IDLE_MS = 60_000

const ofEach = <T extends z.ZodType>(one: T) => z.record(z.string(), one).transform(Object.values)

/** Of several functions Salt says it for each. */
const eventReturn = z.object({
  return: z.unknown(),
  retcode: z
    .union([z.number(), ofEach(z.number()).transform((each) => Math.max(0, ...each))])
    .optional(),
  success: z
    .union([z.boolean(), ofEach(z.boolean()).transform((each) => each.every(Boolean))])
    .optional(),
})
const storedJob = z.object({
  Function: z.string().optional(),
  Minions: z.array(z.string()).optional(),
  Result: z.record(z.string(), eventReturn),
})
const publishedSchema = z.object({
  jid: z.string().optional(),
  minions: z.array(z.string()).optional(),
})

const returnOf = (read: z.output<typeof eventReturn>): MinionReturn => ({
  value: read.return,
  retcode: read.retcode ?? (read.success === false ? 1 : 0),
  ...(read.success === undefined ? {} : { success: read.success }),
})

export const saltMaster = (
  endpoint: DriverEndpoint,
  parts: { readonly clock: Clock; readonly random: () => number },
): SaltMaster => {
  const api: SaltApi = saltApi(endpoint)
  const listeners = new Map<string, JobListener>()
  const heard = new Map<string, number>()
  const pinging = new Map<string, Promise<Presence>>()
  const closed = new AbortController()
  let stream: Promise<void> | undefined
  let idle: NodeJS.Timeout | undefined
  let retired = false
  let closeStream: (() => void) | undefined

  const onEvent = ({ jid, what, minion, data }: JobEvent): void => {
    const listener = listeners.get(jid)
    heard.set(minion, parts.clock.monotonic())
    if (what === 'prog') {
      listener?.onProgress?.(minion, data)
      return
    }
    const read = eventReturn.safeParse(data)
    if (read.success) listener?.onReturn(minion, returnOf(read.data))
  }

  /** Resolves when the events come; `over` when they come no longer. */
  const openStream = async (): Promise<{ readonly over: Promise<void> }> => {
    const stop = new AbortController()
    closeStream = () => stop.abort()
    const answer = await api.events(AbortSignal.any([stop.signal, closed.signal]))
    const read = eventReader((jid) => listeners.has(jid), onEvent)
    const over = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    answer.on('data', (chunk: Buffer) => {
      begun.resolve()
      read(chunk)
    })
    const end = (): void => {
      over.resolve()
      begun.reject(new SaltTrouble('answer', `${api.place} ended its events at once`))
    }
    answer.once('close', end).once('error', end)
    // The first line is written when it listens on the bus of the master.
    await begun.promise
    return { over: over.promise }
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      closed.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })

  /** Whoever waits for a job is told that it may have missed something. */
  const reconnect = async (): Promise<void> => {
    for (let tries = 0; listeners.size > 0 && !closed.signal.aborted; tries++) {
      await pause(RECONNECT_MS[Math.min(tries, RECONNECT_MS.length - 1)] ?? 0)
      try {
        await ready()
        for (const listener of [...listeners.values()]) listener.onGap?.()
        return
      } catch {
        // The next try may do; until then the job cache is asked.
      }
    }
  }

  const ready = (): Promise<void> => {
    stream ??= openStream().then(
      ({ over }) => {
        void over.then(() => {
          stream = undefined
          void reconnect()
        })
      },
      (error: unknown) => {
        stream = undefined
        throw error
      },
    )
    return stream
  }

  const listen = (listener: JobListener): string => {
    clearTimeout(idle)
    let jid = newJid(parts.clock.now(), parts.random)
    while (listeners.has(jid)) jid = newJid(parts.clock.now(), parts.random)
    listeners.set(jid, listener)
    return jid
  }

  const forget = (jid: string): void => {
    listeners.delete(jid)
    clearTimeout(idle)
    if (listeners.size > 0) return
    if (retired) close()
    else idle = setTimeout(() => closeStream?.(), IDLE_MS).unref()
  }

  const publish = async (jid: string, job: Job): Promise<ReadonlySet<string>> => {
    await ready()
    const answer = await api.call({
      client: 'local_async',
      tgt: job.minions,
      tgt_type: job.minions === '*' ? 'glob' : 'list',
      fun: job.fun,
      jid,
      ...(job.arg === undefined ? {} : { arg: job.arg }),
      ...(job.kwarg === undefined ? {} : { kwarg: job.kwarg }),
    })
    const read = publishedSchema.safeParse(answer)
    if (!read.success) {
      throw new SaltTrouble('answer', `${api.place} gave an answer that is none to a job`, true)
    }
    // No id: nobody was meant.
    if (read.data.jid === undefined) return new Set()
    const listener = listeners.get(jid)
    if (read.data.jid !== jid && listener) listeners.set(read.data.jid, listener)
    return new Set(read.data.minions ?? [])
  }

  const stored: SaltMaster['stored'] = async (jid) => {
    const read = storedJob.safeParse(
      await api.call({ client: 'runner', fun: 'jobs.list_job', jid }),
    )
    if (!read.success || read.data.Minions === undefined) return undefined
    return new Map(Object.entries(read.data.Result).map(([id, one]) => [id, returnOf(one)]))
  }

  const ask: SaltMaster['ask'] = async (job, ms, signal) => {
    const returns = new Map<string, MinionReturn>()
    const done = Promise.withResolvers<void>()
    let known: ReadonlySet<string> | undefined
    let isOver = false
    const look = (): void => {
      if (known && [...known].every((id) => returns.has(id))) done.resolve()
    }
    const jid = listen({
      onReturn(minion, returned) {
        returns.set(minion, returned)
        look()
      },
    })
    const over = (): void => done.resolve()
    let timer = setTimeout(over, PUBLISH_MS)
    signal?.addEventListener('abort', over, { once: true })
    try {
      const publishing = publish(jid, job).then((to) => {
        if (isOver) return
        known = to
        clearTimeout(timer)
        timer = setTimeout(over, ms)
        look()
      })
      // It goes on after the time is over: what becomes of it is nobody's business then.
      publishing.catch(() => undefined)
      await Promise.race([publishing, done.promise])
      if (known === undefined) {
        throw new SaltTrouble('down', `${api.place} does not answer in time`, true)
      }
      await done.promise
      return { known, returns }
    } finally {
      clearTimeout(timer)
      isOver = true
      signal?.removeEventListener('abort', over)
      forget(jid)
    }
  }

  const close = (): void => {
    closed.abort()
    clearTimeout(idle)
    closeStream?.()
    listeners.clear()
    api.close()
  }

  const isFresh = (minion: string): boolean =>
    parts.clock.monotonic() - (heard.get(minion) ?? Number.NEGATIVE_INFINITY) < FRESH_MS

  const presence: SaltMaster['presence'] = async (minions, ms) => {
    const asked = minions.filter((minion) => !isFresh(minion) && !pinging.has(minion))
    const ping = asked.length === 0 ? undefined : ask({ minions: asked, fun: 'test.ping' }, ms)
    for (const minion of asked) {
      const answer = Promise.resolve(ping).then((all): Presence => {
        if (all?.returns.has(minion)) return 'here'
        return all?.known.has(minion) ? 'silent' : 'unknown'
      })
      const done = (): void => void pinging.delete(minion)
      answer.then(done, done)
      pinging.set(minion, answer)
    }
    const found = minions.map(
      async (minion) => [minion, (await pinging.get(minion)) ?? 'here'] as const,
    )
    return new Map(await Promise.all(found))
  }

  return {
    place: api.place,
    presence,
    listen,
    forget,
    publish,
    stored,
    ask,
    retire() {
      retired = true
      if (listeners.size === 0) close()
    },
    close,
  }
}
