// Which faults strike when, thrown by dice: every seed is another bad quarter of an hour.

import type { ChaosRun, Hit } from './chaos-run.ts'
import { describeHits } from './chaos-run.ts'
import type { Dice } from './dice.ts'
import { type Fault, faultsOf } from './faults.ts'
import type { Installation } from './installation.ts'

const HOUR = 3_600

/** Of `npm test`: outages that end soon. The long version has those of a minute, as they happen. */
export const LONG = process.env['OM_CHAOS_ROUNDS'] !== undefined
export const ROUNDS = Number(process.env['OM_CHAOS_ROUNDS'] ?? 1)

/** One that has found faults before; OM_CHAOS_SEED has any other. */
export const SEED = process.env['OM_CHAOS_SEED'] ?? '2026-11-26'

/** Short enough for a test, and long enough that a busy machine loses none by itself. Seconds. */
export const LEASE = 8

const holdMs = (dice: Dice): number => {
  const most = LONG ? dice.pick([1_000, 10_000, 60_000]) : dice.pick([500, 2_000, 8_000])
  return dice.between(100, most)
}

export const mixOf = (at: Installation, dice: Dice, count: number): readonly Hit[] => {
  const { controllers, server } = at
  const faults = faultsOf(at)
  const throwOne = (): Fault => {
    const controller = dice.pick(controllers)
    return dice.pick([
      () => faults.killed(controller),
      () => faults.killed(controller),
      () => faults.frozen(controller),
      () => faults.cutOff(controller),
      () => faults.killed(server),
      () => faults.cutOff(server),
      () => faults.natsKilled,
      () => faults.natsKilled,
      ...(at.database ? [() => faults.databaseKilled, () => faults.databaseKilled] : []),
      () => faults.steppedClock(dice.pick([controller, server]), dice.pick([-HOUR, HOUR, -60, 60])),
    ])()
  }
  return Array.from({ length: count }, () => ({
    fault: throwOne(),
    at: dice.between(5, 80) / 100,
    forMs: holdMs(dice),
  })).toSorted((a, b) => a.at - b.at)
}

/** Printed with a failure: how to have it again. */
export const storyOf = (seed: string, hits: readonly Hit[], under?: ChaosRun): string =>
  [
    `OM_CHAOS_SEED=${seed}`,
    describeHits(hits),
    ...(under ? [`run ${under.runId}, ${under.tookMs} ms`] : []),
  ].join('\n')
