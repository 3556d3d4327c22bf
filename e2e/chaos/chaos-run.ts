// A run during which things happen, and what was known from outside whenever one did.

import { setTimeout as pause } from 'node:timers/promises'
import { type RunView, runRoutes } from '@omserver/api'
import type { Fault } from './faults.ts'
import type { Installation } from './installation.ts'
import { endedIn, runningIn, type StoredHost, storedHosts } from './stored.ts'

export interface Hit {
  readonly fault: Fault
  /** Of the hosts: when so many have ended. */
  readonly at: number
  readonly forMs: number
}

/** As things stood when a fault struck. */
interface Snapshot {
  readonly fault: Fault
  readonly stored: ReadonlyMap<string, StoredHost>
  /** Hosts whose command may have been under way with nobody left who knows its end. */
  readonly inFlight: Set<string>
}

export interface ChaosRun {
  readonly runId: string
  readonly run: RunView
  readonly snapshots: readonly Snapshot[]
  readonly tookMs: number
  readonly work: Work
}

export const describeHits = (hits: readonly Hit[]): string =>
  hits
    .map(({ fault, at, forMs }) => `${fault.name} at ${Math.round(at * 100)} % for ${forMs} ms`)
    .join('; ')

/** What is carried out, and what a host says when it has been, once. */
export interface Work {
  readonly command: string
  readonly outputOf: (host: string) => string
}

const LOOK_AGAIN_MS = 1_000

const simulated: Work = {
  command: 'echo $(hostname); sleep 0.3; echo done',
  outputOf: (host) => `${host}\ndone\n`,
}

/** undefined: the server did not answer. */
const showRun = async (at: Installation, id: string): Promise<RunView | undefined> => {
  try {
    return await at.client().call(runRoutes.show, { params: { id } })
  } catch {
    return undefined
  }
}

const launch = async (
  at: Installation,
  selector: string,
  hosts: number,
  { concurrency, work }: { readonly concurrency: number; readonly work: Work },
): Promise<string> => {
  const { id } = await at.client().call(runRoutes.launch, {
    body: {
      module: 'shell',
      params: { command: work.command },
      selector,
      confirmHosts: hosts,
      strategy: { concurrency },
    },
  })
  return id
}

const ended = async (at: Installation, id: string, withinMs: number): Promise<RunView> => {
  const until = performance.now() + withinMs
  for (;;) {
    const run = await showRun(at, id)
    if (run?.endedAt) return run
    if (performance.now() > until) {
      throw new Error(`run ${id} has not ended: ${JSON.stringify(run?.counts)}`)
    }
    await pause(200)
  }
}

export const runUnder = async (
  at: Installation,
  hits: readonly Hit[],
  options: {
    readonly hosts: number
    readonly concurrency: number
    readonly withinMs: number
    readonly work?: Work
  },
): Promise<ChaosRun> => {
  const { hosts, concurrency, work: wanted = simulated } = options
  const begun = performance.now()
  const runId = await launch(at, '*', hosts, { concurrency, work: wanted })
  const snapshots: Snapshot[] = []
  const busy = new Map<string, Promise<void>>()
  let over = false
  let lastStored: ReadonlyMap<string, StoredHost> = new Map()

  /** After the strike: what ended in between only makes less of it count as in flight. */
  const look = async (fault: Fault, pid: number | undefined): Promise<void> => {
    const stored = await storedHosts(at.query, runId).catch(() => lastStored)
    lastStored = stored
    const inFlight = new Set<string>()
    for (const [host, { starting }] of at.journal.of(runId)) {
      const theirs = pid === undefined || starting.includes(pid)
      if (fault.loses && theirs && !endedIn(stored, host)) inFlight.add(host)
    }
    snapshots.push({ fault, stored, inFlight })
  }

  /** Hosts do not know what is about to be sent to them: the database knows as much, a moment later. */
  const lookAgain = async (): Promise<void> => {
    const stored = await storedHosts(at.query, runId).catch(() => lastStored)
    for (const host of runningIn(stored)) snapshots.at(-1)?.inFlight.add(host)
  }

  const work = async ({ fault, forMs }: Hit): Promise<void> => {
    if (over) return
    const pid = typeof fault.loses === 'object' ? fault.loses.pid() : undefined
    // Afterwards there is nobody to ask.
    if (fault.part === 'database') lastStored = await storedHosts(at.query, runId)
    await fault.strike()
    await look(fault, pid)
    if (at.journal.knowsStarting || !fault.loses) await pause(forMs)
    else {
      await pause(LOOK_AGAIN_MS)
      await lookAgain()
      await pause(Math.max(0, forMs - LOOK_AGAIN_MS))
    }
    await fault.mend()
    if (!at.journal.knowsStarting && fault.loses) await lookAgain()
  }

  const carryOut = async (hit: Hit): Promise<void> => {
    const { part } = hit.fault
    while (!over && at.journal.ended(runId) < hit.at * hosts) await pause(20)
    // One after the other: what is down cannot be killed.
    const turn = (busy.get(part) ?? Promise.resolve()).then(() => work(hit))
    busy.set(part, turn)
    await turn
  }

  const hitting = Promise.all(hits.map(carryOut))
  try {
    const [run] = await Promise.all([
      ended(at, runId, options.withinMs).finally(() => {
        over = true
      }),
      hitting,
    ])
    return { runId, run, snapshots, work: wanted, tookMs: Math.round(performance.now() - begun) }
  } catch (error) {
    await hitting.catch(() => undefined)
    throw error
  }
}

/** That nothing is stuck: everybody is there, nothing waits, and a run of a few hosts ends well. */
export const works = async (at: Installation, selector: string, hosts: number): Promise<RunView> =>
  ended(at, await launch(at, selector, hosts, { concurrency: 50, work: simulated }), 60_000)
