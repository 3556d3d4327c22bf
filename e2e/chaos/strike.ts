// One bad time from beginning to end, with everything that must hold after it.

import { controllerRoutes } from '@omserver/api'
import { expect } from 'vitest'
import { type ChaosRun, type Hit, runUnder, works } from './chaos-run.ts'
import type { Installation } from './installation.ts'
import { storyOf } from './mixes.ts'
import { type Reckoning, reckon } from './reckoning.ts'

const CONCURRENCY = 200
const SMALL_RUN = 100

/** Everybody is back, and nothing waits in any queue. */
const isQuiet = async (at: Installation): Promise<string> => {
  const { items, idcs } = await at.client().call(controllerRoutes.list, {})
  const absent = items.filter(({ state }) => state !== 'online').map(({ name }) => name)
  const left = idcs.filter(({ waiting, leased }) => (waiting ?? 1) + (leased ?? 1) > 0)
  return [
    ...absent,
    ...left.map(({ idc, waiting, leased }) => `${idc} ${waiting}/${leased}`),
  ].join()
}

/** Throws with the seed when anything is not as it must be. */
export const strike = async (
  at: Installation,
  hits: readonly Hit[],
  options: { readonly seed: string; readonly hosts: number; readonly withinMs?: number },
): Promise<Reckoning> => {
  const { seed, hosts, withinMs = 100_000 } = options
  console.info(storyOf(seed, hits))
  let under: ChaosRun
  try {
    under = await runUnder(at, hits, { hosts, concurrency: CONCURRENCY, withinMs })
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${storyOf(seed, hits)}`, {
      cause: error,
    })
  }
  const story = storyOf(seed, hits, under)
  const result = await reckon(at, under, hosts)
  console.info(
    `${under.tookMs} ms: ${result.ok} ok, ${result.lost} lost of ${result.inFlight} that were in flight`,
  )
  expect(result.wrong, story).toEqual([])
  const losing = hits.filter(({ fault }) => fault.loses).length
  expect(result.lost, story).toBeLessThanOrEqual(CONCURRENCY * losing)
  const after = await works(at, `h-[0-${SMALL_RUN - 1}]`, SMALL_RUN)
  expect(after.counts, story).toMatchObject({ ok: SMALL_RUN })
  await expect.poll(() => isQuiet(at), { timeout: 30_000, interval: 300, message: story }).toBe('')
  return result
}
