// Launches a module that the server carries out itself: parameters checked here, the runs made by whose module it is.

import type { RunView } from '@omserver/api'
import { checkParams, type FieldProblem, formOf, secretFields } from '@omserver/core'
import { requirePermission } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import type { HostedModule } from '../modules/index.ts'
import { type ParsedLaunch, requireParams, takeSecrets } from './evaluate-launch.ts'

/** Throws Problem FORBIDDEN, PARAMS_INVALID, and what the module throws. */
export const launchHosted = async (
  actor: Actor,
  module: HostedModule,
  input: ParsedLaunch,
  id: string,
): Promise<RunView> => {
  requirePermission(actor, module.may)
  const fields = formOf(module.params)
  const { params, secrets, problems } = takeSecrets(input.params, new Set(secretFields(fields)), id)
  const checked = checkParams(module.params, fields, params)
  requireParams({
    problems: [...problems, ...ownLogin(input), ...(checked.ok ? [] : checked.problems)],
  })
  if (!checked.ok) throw new Error('parameters that are not valid have no problems')
  const { selector, strategy, confirmHosts } = input
  return module.launch(actor, checked.params, { id, selector, strategy, confirmHosts, secrets })
}

/** Who logs in is what such a module is about. */
const ownLogin = ({ runAs, credential }: ParsedLaunch): readonly FieldProblem[] =>
  [runAs && 'runAs', credential && 'credential']
    .filter((field) => field !== undefined && field !== '')
    .map((field) => ({
      field: String(field),
      code: 'FIELD_NOT_HERE',
      message: {
        zh: '该任务模块自己决定用什么账号登录，请留空',
        en: 'this module decides itself who logs in; leave it out',
      },
    }))
