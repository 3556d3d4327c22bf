// The whole fleet in brief, as the tree, the table and the pickers use it: read once, worked on in the browser.

import { type AnswerOf, hostRoutes } from '@omserver/api'
import { useMemo } from 'react'
import { useAnswer } from '../api/index.ts'

export type BriefHost = AnswerOf<typeof hostRoutes.brief>['items'][number]

const none: readonly BriefHost[] = []

export const useFleet = () => {
  const answer = useAnswer(hostRoutes.brief, {}, { staleTime: 15_000, every: 60_000 })
  return { ...answer, hosts: answer.data?.items ?? none }
}

/** Texts of the saved groups by name, for matching selectors here. */
export const useGroupTexts = (): ReadonlyMap<string, string> => {
  const items = useAnswer(hostRoutes.listGroups, {}).data?.items
  return useMemo(() => new Map((items ?? []).map(({ name, selector }) => [name, selector])), [items])
}

