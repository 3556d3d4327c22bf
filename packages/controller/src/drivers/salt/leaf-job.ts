// A leaf as a job of Salt: what is called, and what its return means for the host.

import type { HostEnd, Json, LeafAction, Secrets, TargetHost } from '@omserver/core'
import { isHostLeaf } from '@omserver/core'
import type { HostReport } from '../../driver.ts'
import type { BlobReader } from '../../fed-content.ts'
import { isOpened, openLeaf } from '../../opened-leaf.ts'
import { callOutcome } from './call-return.ts'
import type { Job, MinionReturn } from './salt-master.ts'
import { INPUT_MAX_BYTES, secretProblem, shellJob, shellOutcome, TOO_LARGE } from './shell-job.ts'
import { progressOf, stateOutcome } from './state-return.ts'

export interface LeafJob extends Omit<Job, 'minions'> {
  readonly fun: string
  /** Arguments of a cmd.run_all that ends what a killed job may have left. */
  readonly sweep?: Readonly<Record<string, Json>>
  /** Tells what happens on one host; made anew for each. */
  teller(report: HostReport): Teller
}

export interface Teller {
  progress(data: unknown): void
  /** Resolves to the end when everything before it is told. */
  conclude(returned: MinionReturn): Promise<HostEnd>
}

export interface LeafSources {
  readonly secrets: Pick<Secrets, 'open'>
  readonly blobs?: BlobReader
}

const isEnd = (job: LeafJob | HostEnd): job is HostEnd => 'state' in job
export const isLeafJob = (job: LeafJob | HostEnd): job is LeafJob => !isEnd(job)

const refused = (message: string): HostEnd => ({ state: 'failed', reason: 'driverError', message })

/** The job, or the end of a host for which there is none. Never rejects. */
export const leafJob = async (
  leaf: LeafAction,
  of: {
    readonly host: TargetHost
    readonly check: boolean
    readonly token: string
    readonly sources: LeafSources
  },
): Promise<LeafJob | HostEnd> => {
  if (isHostLeaf(leaf)) {
    const tooLarge =
      leaf.kind === 'copy' && 'size' in leaf.source && leaf.source.size > INPUT_MAX_BYTES
    if (tooLarge) return refused(TOO_LARGE)
    const opened = await openLeaf(leaf, of.host, of.sources)
    if (!isOpened(opened)) return opened
    const problem = secretProblem(leaf)
    if (problem !== undefined) return refused(problem)
    const job = shellJob(opened.leaf, of.token)
    if (typeof job === 'string') return refused(job)
    return {
      fun: 'cmd.run_all',
      kwarg: job.kwarg,
      sweep: job.sweep,
      teller: (report) => ({
        progress: () => undefined,
        conclude: async (returned) => {
          const { encoding } = of.host
          const { pieces, end } = shellOutcome(job, { action: leaf, encoding }, returned)
          for (const { stream, bytes, missed } of pieces) {
            await report.output(stream, bytes)
            if (missed > 0) report.missed(missed)
          }
          return end
        },
      }),
    }
  }
  switch (leaf.kind) {
    case 'state': {
      const { sls, pillar, saltenv } = leaf
      return {
        fun: 'state.apply',
        kwarg: {
          ...(sls.length === 0 ? {} : { mods: sls }),
          ...(pillar === undefined ? {} : { pillar }),
          ...(saltenv === undefined ? {} : { saltenv }),
          ...(of.check ? { test: true } : {}),
        },
        teller: stateTeller,
      }
    }
    case 'call': {
      const { function: fun, args, kwargs } = leaf
      return {
        fun,
        arg: args,
        ...(kwargs === undefined ? {} : { kwarg: kwargs }),
        teller: (report) => ({
          progress: () => undefined,
          conclude: async (returned) => {
            const { text, end } = callOutcome(fun, returned)
            await report.output('stdout', Buffer.from(text))
            return end
          },
        }),
      }
    }
    case 'fetch':
    case 'playbook':
      return {
        state: 'skipped',
        reason: 'capability',
        message: `Salt cannot carry out "${leaf.kind}"`,
      }
  }
}

/** States are told as they end, and those that nobody heard of with the return. */
const stateTeller = (report: HostReport): Teller => {
  const told = new Set<number>()
  return {
    progress(data) {
      const step = progressOf(data)
      if (!step || told.has(step.index)) return
      told.add(step.index)
      report.step(step)
    },
    async conclude(returned) {
      const { steps, text, end } = stateOutcome(returned)
      for (const step of steps) if (!told.has(step.index)) report.step(step)
      if (text !== '') await report.output('stdout', Buffer.from(text))
      return end
    },
  }
}
