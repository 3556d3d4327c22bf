// Establishing trust or rotating keys as work in stages: what is stored of it, so that it outlives the process.

import type { Json } from '@omserver/core'

/** A key as it was when the work began: nothing secret. */
export interface WorkKey {
  readonly id: string
  readonly name: string
  readonly user: string
  readonly publicKey: string
}

export interface WorkPlan {
  readonly actor: {
    readonly id: string | null
    readonly name: string
    readonly via: string
    readonly from: string
  }
  readonly selector: string
  /** What the runs show. */
  readonly params: Readonly<Record<string, Json>>
  /** The hosts are to trust this one. */
  readonly key: WorkKey
  /** To be removed where the other was seen to work. */
  readonly old: WorkKey | null
}

/**
 * `put`: the key is being put there. `verify`: logging in with it. `switch`: it becomes the credential of the hosts.
 * `remove`: the old key is being removed. Work that is done is no longer stored.
 */
export const workStages = ['put', 'verify', 'switch', 'remove'] as const
type WorkStage = (typeof workStages)[number]

export interface TrustWork {
  /** Of its first run as well. */
  readonly id: string
  readonly stage: WorkStage
  readonly plan: WorkPlan
  /** More than one when a restart cut the one before it off. */
  readonly verifyRuns: readonly string[]
  readonly removeRuns: readonly string[]
}

/** The run its stage waits for. */
export const awaitedRun = ({ id, stage, verifyRuns, removeRuns }: TrustWork): string => {
  switch (stage) {
    case 'put':
      return id
    case 'verify':
    case 'switch':
      return verifyRuns.at(-1) ?? id
    case 'remove':
      return removeRuns.at(-1) ?? id
  }
}
