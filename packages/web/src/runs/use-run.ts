// One run for the views of its page.

import { useEffect, useState, useSyncExternalStore } from 'react'
import { openRun, type RunSnapshot, type RunStore } from './run-store.ts'

const nothing: RunSnapshot = {
  run: undefined,
  rows: [],
  byId: new Map(),
  line: 'loading',
  error: undefined,
}
const never = () => () => {}

export const useRun = (id: string): RunSnapshot => {
  const [store, setStore] = useState<RunStore>()
  useEffect(() => {
    const opened = openRun(id)
    setStore(opened)
    return () => opened.close()
  }, [id])
  return useSyncExternalStore(store?.subscribe ?? never, store?.snapshot ?? (() => nothing))
}
