// Asks the controllers of an IDC, after the engine has lost its store, which hosts nobody has begun there.

import { type Engine, type Idc, UNBEGUN, type UnbegunAnswer, unbegunAnswer } from '@omserver/engine'
import type { Clock } from '../services.ts'

/** Answers name up to 256 hosts a slice, and must fit into a message. */
const SLICES_A_CALL = 16
const CALL_MS = 4_000
/** They may still be on their way back to nats-server. One that is dead is waited for no longer. */
const PATIENCE_MS = 10_000
const ASK_AGAIN_MS = 500

export interface Unbegun {
  /** Slices that go on in the new store. */
  readonly held: ReadonlySet<string>
  /** By slice that was held when the store was lost: hosts that were not begun. */
  readonly of: ReadonlyMap<string, ReadonlySet<string>>
}

/** Never rejects: of what nobody speaks for, nobody knows anything. */
export const askUnbegun = async (
  idc: Idc,
  sliceIds: readonly string[],
  parts: {
    readonly engine: Engine
    readonly clock: Clock
    readonly controllers: readonly string[]
  },
): Promise<Unbegun> => {
  const { engine, clock, controllers } = parts
  const held = new Set<string>()
  const of = new Map<string, ReadonlySet<string>>()
  const until = clock.monotonic() + PATIENCE_MS

  const take = (answer: UnbegunAnswer): void => {
    for (const id of answer.held) held.add(id)
    for (const [id, hosts] of Object.entries(answer.unbegun)) of.set(id, new Set(hosts))
  }

  const ask = async (controller: string, slices: readonly string[]): Promise<void> => {
    while (clock.monotonic() < until) {
      try {
        const options = { to: controller, timeoutMs: CALL_MS }
        return take(unbegunAnswer.parse(await engine.bus.call(idc, UNBEGUN, { slices }, options)))
      } catch {
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
      }
      // Others have spoken for all of them: nobody waits for one that is gone.
      if (slices.every((id) => held.has(id) || of.has(id))) return
    }
  }

  for (let from = 0; from < sliceIds.length; from += SLICES_A_CALL) {
    const some = sliceIds.slice(from, from + SLICES_A_CALL)
    await Promise.all(controllers.map((controller) => ask(controller, some)))
  }
  return { held, of }
}
