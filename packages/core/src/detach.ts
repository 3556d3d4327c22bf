// Whether a command goes on by itself on its host, so that it survives the connection, the controller and OMServer.

import type { Action } from './action.ts'
import type { DriverName } from './host.ts'
import type { Strategy } from './strategy.ts'

/** Above this time for one host, commands that can be detached are, unless the strategy says otherwise. */
export const DETACH_ABOVE_MS = 600_000

const detachingDrivers: readonly DriverName[] = ['ssh', 'local', 'func', 'sim']

export const canDetach = (driver: DriverName): boolean => detachingDrivers.includes(driver)

/**
 * Why an action stays attached to its connection. `steps`: what comes next depends on what came before. `file`: a copy, a
 * fetch. `tool`: Ansible, Salt or Func has it in hand. `disconnect`: it ends with the connection. `check`: a look, which
 * may simply be taken again.
 */
export type AttachedBecause = 'steps' | 'file' | 'tool' | 'disconnect' | 'check'

export interface Detachment {
  readonly detached: boolean
  /** Absent: it could be detached. */
  readonly because?: AttachedBecause
}

/** @param action null: there is none to carry out */
export const detachmentOf = (
  action: Action | null,
  strategy: Pick<Strategy, 'detach' | 'hostTimeoutMs'>,
  check: boolean,
): Detachment => {
  if (action === null) return { detached: false }
  if (check) return { detached: false, because: 'check' }
  switch (action.kind) {
    case 'steps':
      return { detached: false, because: 'steps' }
    case 'copy':
    case 'fetch':
      return { detached: false, because: 'file' }
    case 'shell':
      if (action.endsBy === 'disconnect') return { detached: false, because: 'disconnect' }
      break
    case 'script':
      break
    case 'playbook':
    case 'state':
    case 'call':
      return { detached: false, because: 'tool' }
  }
  return { detached: strategy.detach ?? strategy.hostTimeoutMs > DETACH_ABOVE_MS }
}
