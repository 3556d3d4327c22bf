// The modules that everybody has, evaluated where there is no server: by the client, and again by whoever carries it out.

import {
  type Action,
  type AnswerMask,
  defaultMask,
  evaluateModule,
  formOf,
  type Json,
  type Module,
  Problem,
  secretFields,
  secretRefsIn,
} from '@omserver/core'
import { builtinModules } from '@omserver/modules'

/** Throws Problem MODULE_NOT_HERE {module}. */
export const builtinModule = (name: string): Module => {
  const found = builtinModules.find((module) => module.name === name)
  if (found) return found
  throw new Problem('MODULE_NOT_HERE', { module: name })
}

/** Throws Problem MODULE_NOT_HERE, PARAMS_INVALID {problems, fields}, DIRECT_NO_SECRETS {fields}. */
export const evaluateBuiltin = (
  name: string,
  params: Readonly<Record<string, Json>>,
  check: boolean,
): { readonly action: Action | null; readonly mask: readonly AnswerMask[] } => {
  const module = builtinModule(name)
  const secret = secretFields(formOf(module.params)).filter((field) => params[field] !== undefined)
  if (secret.length > 0) throw new Problem('DIRECT_NO_SECRETS', { fields: secret.join(', ') })
  const answer = evaluateModule(module, params, check)
  if (!answer.ok) {
    throw new Problem('PARAMS_INVALID', {
      problems: answer.problems.map(({ field, message }) => ({
        zh: `${field}：${message.zh}`,
        en: `${field}: ${message.en}`,
      })),
      fields: answer.problems.map(({ field, code, message }) => ({
        field,
        code,
        message: { ...message },
      })),
    })
  }
  if (secretRefsIn(answer.action).length > 0) throw new Problem('DIRECT_NO_SECRETS', { fields: '' })
  return { action: answer.action, mask: module.mask ?? defaultMask }
}
