// The whole fleet in brief, as the tree, the table and the pickers use it: read once, worked on in the browser.

import { type AnswerOf, hostRoutes } from '@omserver/api'
import { useMemo } from 'react'
import { useAnswer } from '../api/index.ts'

type Brief = AnswerOf<typeof hostRoutes.brief>
export type BriefHost = Brief['items'][number]

/** The same revision is the same list: nothing is compared, nothing is drawn again. */
const sameRevision = (old: Brief | undefined, next: Brief): Brief =>
  old?.rev === next.rev ? old : next

const none: readonly BriefHost[] = []

export const useFleet = () => {
  const answer = useAnswer(
    hostRoutes.brief,
    {},
    {
      // Ten megabytes for 50,000 hosts: what this page changes is read anew at once, the rest may wait.
      staleTime: 60_000,
      every: 120_000,
      share: sameRevision,
    },
  )
  return { ...answer, hosts: answer.data?.items ?? none }
}

/** Texts of the saved groups by name, for matching selectors here. */
export const useGroupTexts = (): ReadonlyMap<string, string> => {
  const items = useAnswer(hostRoutes.listGroups, {}).data?.items
  return useMemo(
    () => new Map((items ?? []).map(({ name, selector }) => [name, selector])),
    [items],
  )
}
