// What a launch would do, before anybody presses the button. Stores nothing.

import type { LaunchPreview } from '@omserver/api'
import { detachmentOf, driverFor, idcOf, previewAction, requireMayRun } from '@omserver/core'
import { requirePermission } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import { evaluateLaunch, type ParsedLaunch } from './evaluate-launch.ts'
import {
  batchesOf,
  confirmationOf,
  idcCounts,
  refusalOf,
  requireDrivers,
  requireMayUse,
} from './launch-plan.ts'
import type { RunParts } from './ports.ts'

const SHOWN_HOSTS = 2_000

/** Only in references of a preview, which is never stored. */
const PREVIEW_ID = 'preview'

export const previewLaunch = async (
  parts: RunParts,
  actor: Actor,
  input: ParsedLaunch,
): Promise<LaunchPreview> => {
  const what = await evaluateLaunch(parts, input, PREVIEW_ID)
  const { hosts, unknown } = await parts.hosts.select(input.selector)
  const groups = await parts.hosts.groups()
  const all = await parts.hosts.all()
  const credential = input.credential ? await parts.credentials.find(input.credential) : undefined
  const { confirmAbove } = await parts.settings.read()
  const { action } = what
  const confirm = confirmationOf(hosts.length, what.dangerous, confirmAbove)
  const hosted = parts.modules.hosted?.(input.module)
  const refused = refusalOf(() => {
    if (hosted) requirePermission(actor, hosted.may)
    requireMayRun(actor, what.module, hosts, groups)
    requireMayUse(actor, what.module, credential, { hosts: all, groups })
    requireDrivers(action, hosts)
  })
  return {
    total: hosts.length,
    idcs: [...idcCounts(hosts)],
    batches: [...batchesOf(hosts.length, what.strategy)],
    preview: action && previewAction(action),
    problems: what.problems.map((problem) => ({ ...problem })),
    unknown: [...unknown],
    hosts: hosts.slice(0, SHOWN_HOSTS).map((host) => ({
      id: host.id,
      name: host.name,
      address: host.address,
      idc: idcOf(host),
      driver: action ? driverFor(host.driver, action) : host.driver,
    })),
    detached: detachmentOf(action, what.strategy, what.check),
    confirm,
    refused: refused ?? null,
  }
}
