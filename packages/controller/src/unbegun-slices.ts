// What this controller can say of slices that were lost with the store of the engine: whom of their hosts it never
// began. Kept for a while, because the server may be away when it happens.

import { setTimeout as pause } from 'node:timers/promises'
import { type Engine, type Idc, type Stop, UNBEGUN, unbegunQuestion } from '@omserver/engine'

/** Slices. A server that asks later than this does not ask any more. */
const REMEMBERED = 4_096

/** A slice that is being claimed will be held or given up in a moment. */
const SETTLES_WITHIN_MS = 2_000
const LOOK_MS = 50

export interface UnbegunSlices {
  /** Held when the store was lost; `hosts`: nothing was sent to them, and nothing will be. */
  remember(sliceId: string, hosts: readonly string[]): void
  stop: Stop
}

export const answerForUnbegun = async (
  engine: Engine,
  idc: Idc,
  name: string,
  slices: {
    /** Claimed, and not lost. */
    isHeld(sliceId: string): boolean
    /** Delivered, and neither of the two yet. */
    isPending(sliceId: string): boolean
  },
): Promise<UnbegunSlices> => {
  const known = new Map<string, readonly string[]>()

  const service = { self: name, callers: ['server'] } as const
  const stop = await engine.bus.serve(idc, UNBEGUN, service, async (argument, { signal }) => {
    const asked = unbegunQuestion.parse(argument).slices
    // Whoever asks may have seen the new store before we have.
    await engine.health(idc)
    for (let waited = 0; waited < SETTLES_WITHIN_MS && !signal.aborted; waited += LOOK_MS) {
      if (!asked.some((id) => !known.has(id) && slices.isPending(id))) break
      await pause(LOOK_MS)
    }
    const unbegun: Record<string, string[]> = {}
    for (const id of asked) {
      const hosts = known.get(id)
      if (hosts) unbegun[id] = [...hosts]
    }
    return { held: asked.filter((id) => !known.has(id) && slices.isHeld(id)), unbegun }
  })

  return {
    remember(sliceId, hosts) {
      known.set(sliceId, hosts)
      const [oldest] = known.keys()
      if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest)
    },
    stop,
  }
}
