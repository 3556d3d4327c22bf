// Parameters to an action, by the module's own code. Used in the server for our modules, in a process of its own for others'.

import {
  type Action,
  checkParams,
  type FieldProblem,
  formOf,
  type Module,
  Problem,
} from '@omserver/core'

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
  if (!check) return { ok: true, action: module.action(checked.params) }
  return { ok: true, action: module.check?.(checked.params) ?? null }
}

/** Anything a module threw as a Problem the client may see. */
export const moduleThrew = (module: string, error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem('MODULE_THREW', {
        module,
        message: error instanceof Error ? error.message : String(error),
      })
