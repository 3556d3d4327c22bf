// Runs of 5,000 hosts during which several things go wrong, by dice, and the database dies.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../../scripts/needs.ts'
import type { DatabaseKind } from '../support/database-server.ts'
import { diceOf } from './dice.ts'
import { faultsOf } from './faults.ts'
import { type Installation, install, simulatedHosts } from './installation.ts'
import { LEASE, LONG, mixOf, ROUNDS, SEED } from './mixes.ts'
import { strike } from './strike.ts'

const HOSTS = 5_000
const FAULTS = LONG ? 10 : 6
const WITHIN_MS = LONG ? 900_000 : 150_000
const DATABASE_AWAY_MS = LONG ? 60_000 : 4_000

export const mixesOn = (kind: DatabaseKind, tool: 'mariadbd' | 'postgres'): void => {
  let at: Installation
  const wanted = ['nats-server', 'faketime', tool] as const

  beforeEach((context) => needs(context, ...wanted))
  beforeAll(async () => {
    if (missingTools(wanted).length > 0) return
    const hosts = simulatedHosts(HOSTS)
    at = await install({ database: kind, lease: LEASE, hosts, faketime: true })
  }, 180_000)
  afterAll(() => at?.remove())

  test(
    'the database is away for a while: the run waits for it, and nothing is lost',
    async () => {
      const hits = [{ fault: faultsOf(at).databaseKilled, at: 0.2, forMs: DATABASE_AWAY_MS }]
      const { lost } = await strike(at, hits, { seed: SEED, hosts: HOSTS, withinMs: WITHIN_MS })
      expect(lost).toBe(0)
    },
    WITHIN_MS + 120_000,
  )

  describe.each(Array.from({ length: ROUNDS }, (_, round) => round))('round %i', (round) => {
    test(
      'ended hosts keep their ends, the others run once, and only what was in flight is lost',
      async () => {
        const hits = mixOf(at, diceOf(`${SEED} ${kind} ${round}`), FAULTS)
        await strike(at, hits, { seed: SEED, hosts: HOSTS, withinMs: WITHIN_MS })
      },
      WITHIN_MS + 120_000,
    )
  })
}
