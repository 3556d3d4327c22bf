// Parameters to an action, by the module's own code.

import { type Action, leavesOf } from './action.ts'
import { checksItself } from './driver-choice.ts'
import { checkParams, type FieldProblem } from './form-check.ts'
import { formOf } from './form-of.ts'
import type { Module } from './module.ts'

export type ModuleAnswer =
  | { readonly ok: true; readonly action: Action | null }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Throws what the module throws: a Problem of its own, or anything at all. */
export const evaluateModule = (
  module: Module,
  params: Readonly<Record<string, unknown>>,
  check: boolean,
): ModuleAnswer => {
  const checked = checkParams(module.params, formOf(module.params), params)
  if (!checked.ok) return checked
  if (check && module.check) return { ok: true, action: module.check(checked.params) }
  const action = module.action(checked.params)
  if (check && !leavesOf(action).every(checksItself)) return { ok: true, action: null }
  return { ok: true, action }
}
