// One run for the views of its page.

import { useEffect, useState, useSyncExternalStore } from 'react'
import { useSignIns } from '../api/index.ts'
import { openRun, type RunSnapshot, type RunStore } from './run-store.ts'

const nothing: RunSnapshot = { run: undefined, rows: [], line: 'loading', error: undefined }
const never = () => () => {}

export interface OpenRun extends RunSnapshot, Pick<RunStore, 'place' | 'silentMs'> {}

export const useRun = (id: string): OpenRun => {
  const [store, setStore] = useState<RunStore>()
  const signIns = useSignIns()
  const [since, setSince] = useState(signIns)
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew when the last reading broke off with the session
  useEffect(() => {
    const opened = openRun(id)
    setStore(opened)
    return () => opened.close()
  }, [id, since])
  const snapshot = useSyncExternalStore(
    store?.subscribe ?? never,
    store?.snapshot ?? (() => nothing),
  )
  if (snapshot.error !== undefined && since !== signIns) setSince(signIns)
  return {
    ...snapshot,
    place: store?.place ?? (() => -1),
    silentMs: store?.silentMs ?? (() => 0),
  }
}
