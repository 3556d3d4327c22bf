// What an actor may do with a run: end it, run it again.

import type { RunView } from '@omserver/api'
import { grantAllows, type Host, isRunEnd, moduleMatches } from '@omserver/core'
import { can } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import { PREPARING, type RunRecord } from './run-record.ts'

export const isOwn = (run: RunRecord, actor: Actor): boolean =>
  actor.id !== null && run.actorId === actor.id

/** Without looking at hosts: own runs, an administrator, or a grant on every host. For lists, as a guess. */
export const maySteerSurely = (run: RunRecord, actor: Actor): boolean => {
  if (!can(actor, 'run.steer')) return false
  if (actor.role === 'admin' || isOwn(run, actor)) return true
  return actor.grants.some(
    ({ modules, selector }) =>
      selector.trim() === '*' && modules.some((pattern) => moduleMatches(pattern, run.module)),
  )
}

export const maySteer = (
  run: RunRecord,
  actor: Actor,
  hosts: readonly Host[],
  groups: ReadonlyMap<string, string>,
): boolean =>
  can(actor, 'run.steer') &&
  (actor.role === 'admin' ||
    isOwn(run, actor) ||
    // The server itself is nobody's but an administrator's, whatever the grants say.
    (hosts.every(({ driver }) => driver !== 'local') &&
      grantAllows(actor.grants, run.module, hosts, groups).allowed))

export const mayOf = (run: RunRecord, steer: boolean): RunView['may'] => {
  const over = run.state !== PREPARING && isRunEnd(run.state)
  return { abort: steer && !over && run.stopReason !== 'aborted', rerun: steer && over }
}
