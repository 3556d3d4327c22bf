// What a field of a host is called on the screen, by its name in the contract. Pure.

import type { useTexts } from '../i18n/index.ts'

type Say = ReturnType<typeof useTexts>['t']

export const fieldName = (t: Say, field: string): string => {
  const label = /^labels\.(.+)$/s.exec(field)?.[1]
  if (label !== undefined) return t('hosts.labelOf', { name: label })
  switch (field) {
    case 'name':
    case 'address':
    case 'outerAddress':
    case 'driver':
    case 'labels':
      return t(`hosts.column.${field}`)
    case 'port':
    case 'credential':
    case 'encoding':
      return t(`hosts.${field}`)
    case 'jumpHost':
      return t('hosts.jump')
    default:
      return field
  }
}
