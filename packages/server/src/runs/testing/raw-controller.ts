// A controller that does exactly what a test tells it, right or wrong: claims, reports, repeats itself, reports
// under claims it has lost. For schedules no real controller would follow.

import type { HostEndState, Slice, SliceEvent } from '@omserver/core'
import type { Delivery, Engine, Idc } from '@omserver/engine'

export interface Held {
  readonly idc: Idc
  readonly slice: Slice
  readonly delivery: Delivery
  /** All claims made on it, the last one counts. */
  readonly fences: number[]
  /** host ids that were reported as started under any claim. */
  readonly started: Set<string>
  readonly ended: Set<string>
  n: number
}

export interface RawController {
  readonly held: readonly Held[]
  claim(held: Held): Promise<void>
  start(held: Held, hostId: string, fence?: number): Promise<void>
  output(held: Held, hostId: string, offset: number, text: string, fence?: number): Promise<void>
  /** `again`: the very report of before, sent once more. */
  step(held: Held, hostId: string, index: number, name: string, again?: 'again'): Promise<void>
  end(held: Held, hostId: string, state: HostEndState, fence?: number): Promise<void>
  done(held: Held): Promise<void>
}

export const rawController = async (
  engine: Engine,
  idcs: readonly Idc[],
): Promise<RawController> => {
  const held: Held[] = []
  for (const idc of idcs) {
    await engine.presence.put(idc, 'controller:raw', { name: 'raw' })
    await engine.queue.consume(idc, { slots: () => 1000 }, (delivery) => {
      const { slice } = delivery
      held.push({ idc, slice, delivery, fences: [], started: new Set(), ended: new Set(), n: 0 })
      // The test says when it is done.
      return new Promise(() => {})
    })
  }
  const send = (of: Held, event: object, fence = of.fences.at(-1) ?? 0): Promise<void> => {
    const { runId, sliceId } = of.slice
    const whole = { runId, sliceId, fence, n: ++of.n, by: 'raw', at: 0, ...event } as SliceEvent
    return engine.log.append(of.idc, [whole])
  }
  const key = (of: Held, hostId: string) => ({ hostId, attempt: of.slice.attempt })
  return {
    held,
    async claim(of) {
      const { sliceId, runId } = of.slice
      const wish = { sliceId, runId, by: 'raw', at: 0 }
      let claim = await engine.log.claim(of.idc, wish, of.fences.at(-1) ?? 0)
      // What was reported without a claim counts as one for the log.
      if (!claim.ok) claim = await engine.log.claim(of.idc, wish, claim.fence)
      if (claim.ok) of.fences.push(claim.fence)
    },
    start: (of, hostId, fence) => send(of, { kind: 'host.started', ...key(of, hostId) }, fence),
    output: (of, hostId, offset, text, fence) =>
      send(
        of,
        {
          kind: 'host.output',
          ...key(of, hostId),
          stream: 'stdout',
          offset,
          bytes: Buffer.from(text),
        },
        fence,
      ),
    step: (of, hostId, index, name, again) => {
      const n = again ? of.n : of.n + 1
      return send(of, { kind: 'host.step', ...key(of, hostId), index, name, state: 'ok', n })
    },
    end: (of, hostId, state, fence) =>
      send(
        of,
        {
          kind: 'host.ended',
          ...key(of, hostId),
          end: { state },
          durationMs: 1,
          outputBytes: 0,
          truncated: false,
        },
        fence,
      ),
    async done(of) {
      await of.delivery.done()
    },
  }
}
