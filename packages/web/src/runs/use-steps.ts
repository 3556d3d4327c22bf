// The steps of one host as they come: each answer brings what was reported since the one before.

import { type HostResultView, type HostStepView, runRoutes } from '@omserver/api'
import { useEffect, useState } from 'react'
import { client } from '../api/index.ts'

const EVERY_MS = 1_000

export interface FoundSteps {
  readonly told: boolean
  readonly names: readonly string[]
  readonly steps: readonly HostStepView[]
}

/** undefined: not read yet. */
export const useSteps = (runId: string, row: HostResultView): FoundSteps | undefined => {
  const [found, setFound] = useState<FoundSteps>()
  const { hostId, attempt, state } = row
  useEffect(() => {
    const leave = new AbortController()
    const { signal } = leave
    let timer: ReturnType<typeof setTimeout> | undefined
    let steps: readonly HostStepView[] = []
    let after: number | undefined
    const read = async (): Promise<void> => {
      let told = true
      let more = true
      while (more && !signal.aborted) {
        const part = await client.call(runRoutes.steps, {
          params: { id: runId, hostId },
          query: { attempt, after },
          signal,
        })
        steps = [...steps, ...part.steps]
        after = part.last ?? undefined
        told = part.told
        more = part.more
        if (!more && !signal.aborted) setFound({ told, names: part.names, steps })
      }
      if (told && state === 'running') next()
    }
    const next = (): void => {
      if (!signal.aborted) timer = setTimeout(() => void read().catch(next), EVERY_MS)
    }
    void read().catch(next)
    return () => {
      leave.abort()
      clearTimeout(timer)
    }
  }, [runId, hostId, attempt, state])
  return found
}
