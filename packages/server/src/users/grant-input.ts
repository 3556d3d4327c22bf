// Checks grants before they are kept: a grant covers labels, because names and addresses change under it.

import { type Grant, isLabelSelector, Problem, parseSelector } from '@omserver/core'

/** Throws Problem: SELECTOR_SYNTAX, or GRANT_SELECTOR {selector} for one that names hosts. */
export const newGrants = (
  input: readonly Omit<Grant, 'id'>[],
  newId: () => string,
): readonly Grant[] =>
  input.map(({ modules, selector }) => {
    const text = selector.trim()
    if (text !== '*' && !isLabelSelector(parseSelector(text))) {
      throw new Problem('GRANT_SELECTOR', { selector })
    }
    return { id: newId(), modules, selector: text }
  })
