// Which kinds of field take choices, and which are nothing without them.

import type { FieldKind } from '@omserver/core'

const taking: ReadonlySet<FieldKind> = new Set(['select', 'multiSelect', 'radio', 'checkbox'])

export const takesChoices = (kind: FieldKind): boolean => taking.has(kind)

/** A checkbox without choices is one box. */
export const needsChoices = (kind: FieldKind): boolean => taking.has(kind) && kind !== 'checkbox'
