// Whether a person's grants cover a run: the module, and each of its hosts.

import { type Grant, moduleMatches } from './access.ts'
import type { SelectableHost } from './host.ts'
import { Problem } from './problem.ts'
import { matchHosts } from './selector-match.ts'
import { parseSelector } from './selector-parse.ts'

export type GrantAnswer =
  | { readonly allowed: true }
  /** `module`: whether any grant names the module. `hosts`: names of the hosts that no such grant covers. */
  | { readonly allowed: false; readonly module: boolean; readonly hosts: string[] }

/**
 * Each host must be picked by a grant that also names the module. A grant whose selector does not parse, or uses
 * a group that is not in `groups`, covers nothing.
 */
export const grantAllows = (
  grants: readonly Grant[],
  moduleName: string,
  hosts: readonly SelectableHost[],
  groups?: ReadonlyMap<string, string>,
): GrantAnswer => {
  const fitting = grants.filter(({ modules }) =>
    modules.some((pattern) => moduleMatches(pattern, moduleName)),
  )
  const covered = new Set(fitting.flatMap(({ selector }) => coveredBy(selector, hosts, groups)))
  const left = hosts.filter((host) => !covered.has(host)).map(({ name }) => name)
  return fitting.length > 0 && left.length === 0
    ? { allowed: true }
    : { allowed: false, module: fitting.length > 0, hosts: left }
}

const coveredBy = (
  selector: string,
  hosts: readonly SelectableHost[],
  groups?: ReadonlyMap<string, string>,
): SelectableHost[] => {
  try {
    return matchHosts(parseSelector(selector), hosts, groups)
  } catch (error) {
    if (error instanceof Problem) return []
    throw error
  }
}
