// The form of the launch page: of this module, as it was left in this tab, or as the run it repeats.

import type { RunView } from '@omserver/api'
import type { FormField } from '@omserver/core'
import { useEffect, useState } from 'react'
import { keepWork, keptWork, useMe } from '../session/index.ts'
import {
  draftOf,
  emptyDraft,
  type LaunchDraft,
  parseDraft,
  withoutSecrets,
} from './launch-draft.ts'

interface Options {
  readonly module: string | undefined
  /** Id of the run it begins from. */
  readonly from: string | undefined
  readonly before: RunView | undefined
  /** undefined: the module is not known yet, so neither is what is secret. */
  readonly fields: readonly FormField[] | undefined
}

export const useLaunchDraft = ({ module, from, before, fields }: Options) => {
  const user = useMe().name
  const name = `launch ${from ?? ''} ${module ?? ''}`
  const kept = () => parseDraft(keptWork(user, name))
  const [held, setHeld] = useState(() => ({ name, draft: kept() ?? emptyDraft, touched: false }))
  if (held.name !== name) {
    // Of another module only the parameters are others.
    setHeld({ name, draft: kept() ?? { ...held.draft, values: {} }, touched: false })
  }
  const { draft, touched } = held
  const change = (part: Partial<LaunchDraft>) =>
    setHeld((old) => ({ ...old, touched: true, draft: { ...old.draft, ...part } }))
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the run to repeat is there
  useEffect(() => {
    if (before === undefined || before.module !== module || kept() !== undefined) return
    setHeld({ name, draft: draftOf(before), touched: false })
  }, [before, name])
  useEffect(() => {
    if (touched && fields !== undefined) keepWork(user, name, withoutSecrets(draft, fields))
  }, [user, name, touched, draft, fields])
  return { draft, change, drop: () => keepWork(user, name, undefined) }
}
