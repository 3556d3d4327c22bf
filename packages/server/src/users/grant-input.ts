// Checks grants before they are kept: a grant covers labels, because names and addresses change under it.

import { type Grant, isLabelSelector, moduleMatches, Problem, parseSelector } from '@omserver/core'

interface GrantContext {
  readonly newId: () => string
  /** Of every module there is. */
  readonly moduleNames: () => Promise<readonly string[]>
  /** Grants that stand already: a module that has gone since must not be in the way of another change. */
  readonly standing?: readonly Omit<Grant, 'id'>[]
}

/** Throws Problem: SELECTOR_SYNTAX, GRANT_SELECTOR {selector} for one that names hosts, GRANT_MODULE_UNKNOWN {module}. */
export const newGrants = async (
  input: readonly Omit<Grant, 'id'>[],
  { newId, moduleNames, standing = [] }: GrantContext,
): Promise<readonly Grant[]> => {
  const names = await moduleNames()
  const known = new Set(standing.flatMap(({ modules }) => modules))
  return input.map(({ modules, selector }) => {
    const text = selector.trim()
    if (text !== '*' && !isLabelSelector(parseSelector(text))) {
      throw new Problem('GRANT_SELECTOR', { selector })
    }
    for (const pattern of modules) {
      if (!known.has(pattern) && !names.some((name) => moduleMatches(pattern, name))) {
        throw new Problem('GRANT_MODULE_UNKNOWN', { module: pattern })
      }
    }
    return { id: newId(), modules, selector: text }
  })
}
