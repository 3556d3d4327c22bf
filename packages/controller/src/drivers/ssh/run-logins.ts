// How the hosts of a run log in, read once for those that are in flight together: opening a credential costs 80 µs.

import type { Clock } from '@omserver/core'
import type { Failure } from '../../failure.ts'
import type { Login } from './login.ts'

/** A credential that was changed is noticed after this time within a run, and at once by the next run. */
const KEPT_MS = 1_000

type Found = Login | Failure

export interface RunLogins {
  /** While one of its hosts is in flight, what a run logs in with may be kept: call `leave` for each. */
  enter(runId: string): void
  leave(runId: string): void
  /** Between the two. Failures to read are not kept. */
  of(runId: string, credentialId: string): Promise<Found>
}

interface RunInFlight {
  hosts: number
  readonly kept: Map<string, { readonly login: Promise<Found>; readonly since: number }>
}

export const createRunLogins = (
  read: (credentialId: string) => Promise<Found>,
  clock: Clock,
): RunLogins => {
  const runs = new Map<string, RunInFlight>()
  return {
    enter: (runId) => {
      const run = runs.get(runId)
      if (run) run.hosts++
      else runs.set(runId, { hosts: 1, kept: new Map() })
    },
    leave: (runId) => {
      const run = runs.get(runId)
      if (run && --run.hosts === 0) runs.delete(runId)
    },
    of: (runId, credentialId) => {
      const kept = runs.get(runId)?.kept
      const known = kept?.get(credentialId)
      const now = clock.monotonic()
      if (known && now - known.since < KEPT_MS) return known.login
      const login = read(credentialId)
      kept?.set(credentialId, { login, since: now })
      login.catch(() => kept?.delete(credentialId))
      return login
    },
  }
}
