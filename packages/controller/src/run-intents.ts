// What people and thresholds want of the runs of one IDC: read from the intent board, and sooner from the bus.

import type { Json } from '@omserver/core'
import { ABORT_SIGNAL, type Engine, type Idc, type RunIntent, type Stop } from '@omserver/engine'

export interface RunIntents {
  of(runId: string): RunIntent | undefined
  /** Said by somebody else than the server. */
  tell(runId: string, intent: RunIntent): void
  /** The run has no slice here any more. */
  forget(runId: string): void
  stop: Stop
}

/** By then the board knows. */
const REMEMBERED_SIGNALS = 10_000

const keyPrefix = 'run:'
const reasons: readonly RunIntent['reason'][] = ['threshold', 'byPerson', 'runTimeout']

const fieldOf = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })[name]
    : undefined

const reasonOf = (value: Json | undefined): RunIntent['reason'] =>
  reasons.find((reason) => reason === fieldOf(value, 'reason')) ?? 'byPerson'

const intentOf = (value: Json | undefined): RunIntent | undefined => {
  const want = fieldOf(value, 'want')
  return want === 'stop' || want === 'abort' ? { want, reason: reasonOf(value) } : undefined
}

export const watchRunIntents = async (
  engine: Engine,
  idc: Idc,
  onIntent: (runId: string, intent: RunIntent) => void,
): Promise<RunIntents> => {
  const onBoard = new Map<string, RunIntent>()
  const signalled = new Map<string, RunIntent>()

  const stopBoard = await engine.intent.watch(idc, (key, value) => {
    if (!key.startsWith(keyPrefix)) return
    const runId = key.slice(keyPrefix.length)
    const intent = intentOf(value)
    if (!intent) {
      onBoard.delete(runId)
      return
    }
    onBoard.set(runId, intent)
    onIntent(runId, intent)
  })
  const tell = (runId: string, intent: RunIntent): void => {
    signalled.set(runId, intent)
    // Most signals are about runs that never have a slice here, and nobody forgets those.
    const [oldest] = signalled.keys()
    if (signalled.size > REMEMBERED_SIGNALS && oldest !== undefined) signalled.delete(oldest)
    onIntent(runId, intent)
  }
  const stopSignal = await engine.bus.on(idc, ABORT_SIGNAL, (data) => {
    const runId = fieldOf(data, 'runId')
    if (typeof runId !== 'string') return
    tell(runId, { want: 'abort', reason: reasonOf(data) })
  })

  return {
    tell,
    of: (runId) => signalled.get(runId) ?? onBoard.get(runId),
    forget(runId) {
      signalled.delete(runId)
    },
    async stop() {
      await stopBoard()
      await stopSignal()
    },
  }
}
