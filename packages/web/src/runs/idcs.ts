// How IDCs are called and counted: hosts without one are no IDC.

import { DEFAULT_IDC } from '@omserver/core'
import { useMemo } from 'react'
import { useTexts } from '../i18n/index.ts'

export const useIdcs = () => {
  const { t, number } = useTexts()
  return useMemo(
    () => ({
      nameOf: (idc: string): string => (idc === DEFAULT_IDC ? t('runs.noIdc') : idc),
      countOf: (idcs: readonly { readonly idc: string; readonly hosts: number }[]): string => {
        const without = idcs.find(({ idc }) => idc === DEFAULT_IDC)?.hosts ?? 0
        const count = idcs.length - (without > 0 ? 1 : 0)
        if (without === 0) return t('runs.idcs', { count })
        if (count === 0) return t('runs.noIdc')
        return t('runs.idcsAndNone', {
          idcs: t('runs.idcs', { count }),
          hosts: number(without),
        })
      },
    }),
    [t, number],
  )
}
