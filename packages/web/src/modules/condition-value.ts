// A typed condition as the value a form holds: the field it is compared with says whether that is text.

import type { FieldKind } from '@omserver/core'

export const conditionValue = (
  kind: FieldKind | undefined,
  text: string,
): string | number | boolean => {
  if (kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text
  if ((kind === 'switch' || kind === 'checkbox') && (text === 'true' || text === 'false'))
    return text === 'true'
  return text
}
