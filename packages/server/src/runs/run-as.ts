// The account a run uses on its hosts, put into every leaf of its action.

import type { Action, LeafAction, RunAs } from '@omserver/core'

/** What a person chose for this run goes before what the module says. */
export const withRunAs = (action: Action, runAs: RunAs): Action =>
  action.kind === 'steps'
    ? {
        ...action,
        steps: action.steps.map((step) => ({ ...step, action: leafWith(step.action, runAs) })),
      }
    : leafWith(action, runAs)

/** States and calls run as whoever the minion runs as. */
const leafWith = (leaf: LeafAction, runAs: RunAs): LeafAction =>
  leaf.kind === 'state' || leaf.kind === 'call' ? leaf : { ...leaf, runAs }
