// How many hosts a selector picks, for buttons that say it.

import { hostRoutes } from '@omserver/api'
import { useDeferredValue } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { readSelector } from '../ui/index.ts'

export const useHostCount = (selector: string): number | undefined => {
  const { lang } = useTexts()
  const text = useDeferredValue(selector)
  const ok = readSelector(text, lang).status === 'ok'
  const resolved = useAnswer(
    hostRoutes.resolve,
    { body: { selector: text } },
    { enabled: ok, keepLast: true, staleTime: 10_000 },
  )
  return ok ? resolved.data?.total : undefined
}
