// One IDC of a controller: the slices it holds there, and what is wanted of their runs.

import { directRunOf, SLICE_MAX_HOSTS } from '@omserver/core'
import {
  type Delivery,
  type Idc,
  type RunIntent,
  type SignedJson,
  STORE_LOST,
  takenKey,
} from '@omserver/engine'
import type { ControllerSetting } from './controller-setting.ts'
import { type CutShort, cutShortBy } from './cut-short.ts'
import { watchOrders } from './orders.ts'
import { createOutbox } from './outbox.ts'
import { watchRunIntents } from './run-intents.ts'
import { claimSlice, type SliceClaim } from './slice-claim.ts'
import { SliceRunner } from './slice-runner.ts'
import { createSliceWriter } from './slice-writer.ts'
import { answerForUnbegun } from './unbegun-slices.ts'

/** Three times within the life of what is said. */
const PRESENCE_MS = 3_000

/** Another controller has it, or we still do: looked at again after this time. */
const TAKEN_RETRY_MS = 3_000

const silence: CutShort = { kind: 'silence' }

export interface IdcSite {
  slices(): number
  /** Hosts that its slices could have in flight at once. */
  demand(): number
  /** Starts nothing more; resolves when what is in flight has ended. */
  drain(): Promise<void>
  /** Ends what is in flight; resolves when that is durable. */
  leave(): Promise<void>
  close(): Promise<void>
}

export const openIdcSite = async (idc: Idc, setting: ControllerSetting): Promise<IdcSite> => {
  const { engine, name, clock, after, log } = setting
  await engine.ensure(idc)
  const outbox = createOutbox(engine.log, idc)
  const runs = new Map<string, Set<SliceRunner>>()
  const held = new Map<string, Promise<void>>()
  /** Those of them that are claimed, and not lost. */
  const claimed = new Set<string>()
  let leaving = false
  /** A person wants nothing more to be begun here. */
  let draining = false

  const runnersOf = (runId: string): readonly SliceRunner[] => [...(runs.get(runId) ?? [])]
  const allRunners = (): readonly SliceRunner[] => [...runs.keys()].flatMap(runnersOf)

  const onIntent = (runId: string, intent: RunIntent): void => {
    for (const runner of runnersOf(runId)) runner.cutShort(cutShortBy(intent))
  }
  const intents = await watchRunIntents(engine, idc, onIntent)
  // Before anything is taken: what clients have begun is opened at that desk.
  const closeDesk = await setting.direct?.enter({ idc, engine, name, tell: intents.tell })
  const stopOrders = await watchOrders(engine, idc, name, (order) => {
    draining = order !== undefined
    if (order === 'drain') for (const runner of allRunners()) runner.leaveWhatGoesOn()
    if (order === 'leave') for (const runner of allRunners()) runner.cutShort({ kind: 'leave' })
  })

  const unbegun = await answerForUnbegun(engine, idc, name, {
    isHeld: (sliceId) => claimed.has(sliceId),
    isPending: (sliceId) => held.has(sliceId) && !claimed.has(sliceId),
  })

  const enter = (runId: string, runner: SliceRunner): void => {
    const runners = runs.get(runId)
    if (runners) runners.add(runner)
    else runs.set(runId, new Set([runner]))
  }

  const exit = (runId: string, runner: SliceRunner): void => {
    const runners = runs.get(runId)
    runners?.delete(runner)
    if (runners?.size !== 0) return
    runs.delete(runId)
    intents.forget(runId)
  }

  const carryOut = async (delivery: Delivery, claim: SliceClaim): Promise<'ended' | 'left'> => {
    const { slice } = delivery
    const writer = createSliceWriter(
      { slice, fence: claim.fence, by: name },
      outbox,
      clock,
      (error) => {
        log.error({ idc, sliceId: slice.sliceId, error }, 'the log took no more events of a slice')
        runner.cutShort(silence)
      },
    )
    const runner = new SliceRunner(slice, claim, {
      ...setting,
      driver: setting.drivers.get(slice.driver),
      writer,
      budget: setting.budgets.of(slice.runId),
      intent: () => intents.of(slice.runId),
      sure: delivery.sure,
    })
    const onLost = (): void => {
      // Only of a claim that was made before: else the history of the slice, lost too, may have had an earlier one.
      const isKnown = claimed.delete(slice.sliceId) && delivery.lost.reason === STORE_LOST
      if (isKnown) unbegun.remember(slice.sliceId, runner.unbegun())
      writer.close()
      runner.cutShort(silence)
    }
    enter(slice.runId, runner)
    if (!delivery.lost.aborted) claimed.add(slice.sliceId)
    delivery.lost.addEventListener('abort', onLost)
    if (delivery.lost.aborted) onLost()
    if (leaving || draining) runner.leaveWhatGoesOn()
    const result = await runner.run()
    claimed.delete(slice.sliceId)
    delivery.lost.removeEventListener('abort', onLost)
    exit(slice.runId, runner)
    return result
  }

  /**
   * What a client has begun may be offered again by whoever has its letter, long after its end, when the log has
   * forgotten it. The board on which it lies has not.
   */
  const wasTakenBefore = async (sliceId: string, fence: number): Promise<boolean> => {
    if (directRunOf(sliceId) === undefined) return false
    const isNew = await engine.begun.putOnce(idc, takenKey(sliceId), { by: name, fence })
    if (!isNew) log.warn({ idc, sliceId }, 'a slice that had been carried out was offered again')
    return !isNew
  }

  const take = async (delivery: Delivery): Promise<void> => {
    const { slice } = delivery
    const claim = await claimSlice(engine.log, idc, slice, name, clock)
    if (!claim) return delivery.release(TAKEN_RETRY_MS)
    if (claim.isFirst && (await wasTakenBefore(slice.sliceId, claim.fence))) return delivery.done()
    const result = await carryOut(delivery, claim)
    if (result === 'ended') return delivery.done()
    return delivery.release(leaving || draining ? 0 : TAKEN_RETRY_MS)
  }

  const onDelivery = async (delivery: Delivery): Promise<void> => {
    const { sliceId } = delivery.slice
    // Delivered again while we still wind it down: two runners of one slice would start its hosts twice.
    if (held.has(sliceId)) return delivery.release(TAKEN_RETRY_MS)
    const taken = take(delivery).catch((error: unknown) => {
      log.error({ idc, sliceId, error }, 'a slice could not be carried out')
    })
    held.set(sliceId, taken)
    setting.took()
    await taken
    held.delete(sliceId)
  }

  /** One that is being claimed counts as one that may start all of its hosts. */
  const demand = (): number => {
    const runners = allRunners()
    const known = runners.reduce((sum, runner) => sum + runner.demand(), 0)
    return known + Math.max(0, held.size - runners.length) * SLICE_MAX_HOSTS
  }

  const introduced = async (): Promise<SignedJson | undefined> => {
    try {
      return await setting.introduce?.(idc)
    } catch (error) {
      log.warn({ idc, error }, 'the controller could not show its certificate')
      return undefined
    }
  }

  let closed = false
  let endPresence: (() => void) | undefined
  const say = async (): Promise<void> => {
    const hello = await introduced()
    if (closed) return
    const refused = setting.refused()
    const present = {
      ...setting.about,
      name,
      at: clock.now(),
      drivers: [...setting.drivers.keys()],
      slices: held.size,
      inFlight: setting.queue.inFlight(),
      load: Math.round(setting.load() * 100) / 100,
      draining,
      ...(hello && { hello: { ...hello } }),
      ...(refused && { refused: { ...refused } }),
    }
    await engine.presence.put(idc, `controller:${name}`, present)
  }
  const announce = (): void => {
    say().catch((error: unknown) => {
      log.warn({ idc, error }, 'the controller could not announce itself')
    })
    endPresence = after(PRESENCE_MS, announce)
  }
  announce()
  // That there is a way here and back; and whoever is called at all says which version it is.
  const service = { self: name, callers: ['server', 'client'] } as const
  const stopPing = await engine.bus.serve(idc, 'ping', service, async () => null)
  const stopConsume = await engine.queue.consume(
    idc,
    { slots: () => (draining ? 0 : setting.slots()) },
    onDelivery,
  )

  const wind = async (how: (runner: SliceRunner) => void): Promise<void> => {
    leaving = true
    await stopConsume()
    for (const runner of allRunners()) how(runner)
    await Promise.all(held.values())
  }

  return {
    slices: () => held.size,
    demand,
    drain: () => wind((runner) => runner.leaveWhatGoesOn()),
    leave: () => wind((runner) => runner.cutShort({ kind: 'leave' })),
    async close() {
      closed = true
      endPresence?.()
      await intents.stop()
      await stopOrders()
      await stopPing()
      await unbegun.stop()
      await closeDesk?.()
      await engine.presence.remove(idc, `controller:${name}`)
    },
  }
}
