// What well-known labels are called where one stands as a heading. Where selectors are written, the key itself stays.

import { useCallback } from 'react'
import { useTexts } from '../i18n/index.ts'

const known = ['idc', 'business', 'app', 'env', 'role'] as const

/** The key itself for every other label: it is the word somebody chose. */
export const useLabelWord = (): ((key: string) => string) => {
  const { t } = useTexts()
  return useCallback(
    (key) => {
      const found = known.find((one) => one === key)
      return found === undefined ? key : t(`ui.label.${found}`)
    },
    [t],
  )
}
