// Which driver carries an action to a host, and what each of them can carry.

import { type Action, type LeafAction, type LeafKind, leavesOf } from './action.ts'
import type { DriverName } from './host.ts'

const onAnyShell = ['shell', 'script', 'copy'] as const satisfies readonly LeafKind[]

export const leavesOfDriver: Readonly<Record<DriverName, readonly LeafKind[]>> = {
  local: [...onAnyShell, 'fetch'],
  ssh: [...onAnyShell, 'fetch'],
  sim: onAnyShell,
  ansible: [...onAnyShell, 'playbook'],
  salt: [...onAnyShell, 'state', 'call'],
  func: [...onAnyShell, 'call'],
}

/** Ansible goes there the same way, with the same login. */
const alsoByAnsible: readonly DriverName[] = ['ssh', 'local']

/** The first leaf that the driver cannot carry out. */
export const lackingIn = (driver: DriverName, action: Action): LeafKind | undefined =>
  leavesOf(action).find(({ kind }) => !leavesOfDriver[driver].includes(kind))?.kind

/** The host's own; Ansible for a playbook on a host that is reached by SSH, or is the controller itself. */
export const driverFor = (own: DriverName, action: Action): DriverName =>
  alsoByAnsible.includes(own) &&
  lackingIn(own, action) !== undefined &&
  lackingIn('ansible', action) === undefined
    ? 'ansible'
    : own

/** It has a check mode of its own: the same leaf is carried out, and told that it must change nothing. */
export const checksItself = ({ kind }: LeafAction): boolean =>
  kind === 'playbook' || kind === 'state'

/** What it tells of its work is more than output: steps, tasks, states. Of a plain command there is nothing to tell. */
export const tellsSteps = (action: Action): boolean =>
  action.kind !== 'shell' && action.kind !== 'script'

/** It sees all of its hosts at once, and is not cut. */
export const isWhole = (action: Action): boolean =>
  leavesOf(action).some(({ kind }) => kind === 'playbook')
