// One thing goes wrong while a run is under way, each kind of thing once.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../../scripts/needs.ts'
import { faultsOf } from './faults.ts'
import { type Installation, install, type Machine, simulatedHosts } from './installation.ts'
import { LEASE, SEED } from './mixes.ts'
import { strike } from './strike.ts'

const HOSTS = 1_500
const HOUR = 3_600
const PAST_LEASE_MS = (LEASE + 2) * 1_000

let at: Installation
let faults: ReturnType<typeof faultsOf>
let a1: Machine

beforeEach((context) => needs(context, 'nats-server', 'faketime'))
beforeAll(async () => {
  if (missingTools(['nats-server', 'faketime']).length > 0) return
  at = await install({
    database: 'sqlite',
    lease: LEASE,
    hosts: simulatedHosts(HOSTS),
    faketime: true,
  })
  faults = faultsOf(at)
  const [first] = at.controllers
  if (!first) throw new Error('no controller')
  a1 = first
}, 180_000)
afterAll(() => at?.remove())

const under = (...hits: Parameters<typeof strike>[1]) =>
  strike(at, hits, { seed: SEED, hosts: HOSTS })

test('a controller is killed: what it had in flight is lost, and nothing else', async () => {
  await under({ fault: faults.killed(a1), at: 0.2, forMs: PAST_LEASE_MS })
}, 180_000)

test('a controller is killed and back before anybody has noticed', async () => {
  await under({ fault: faults.killed(a1), at: 0.2, forMs: 0 })
}, 180_000)

test('a controller is frozen for longer than its lease, and thaws: what it then says counts no more', async () => {
  await under({ fault: faults.frozen(a1), at: 0.2, forMs: PAST_LEASE_MS })
}, 180_000)

test('a controller is frozen for a moment: nothing is lost', async () => {
  const { lost } = await under({ fault: faults.frozen(a1), at: 0.2, forMs: 1_000 })
  expect(lost).toBe(0)
}, 180_000)

test('the link of a controller is a black hole, and what was sent into it arrives long after', async () => {
  await under({ fault: faults.cutOff(a1), at: 0.2, forMs: PAST_LEASE_MS })
}, 180_000)

test('the link of the server is a black hole: controllers go on, and nothing is lost', async () => {
  const { lost } = await under({ fault: faults.cutOff(at.server), at: 0.2, forMs: PAST_LEASE_MS })
  expect(lost).toBe(0)
}, 180_000)

test('the server is killed: nothing is lost', async () => {
  const { lost } = await under({ fault: faults.killed(at.server), at: 0.3, forMs: 2_000 })
  expect(lost).toBe(0)
}, 180_000)

test('nats-server is killed for a moment: nothing is lost', async () => {
  const { lost } = await under({ fault: faults.natsKilled, at: 0.3, forMs: 0 })
  expect(lost).toBe(0)
}, 180_000)

test('nats-server is away for longer than a lease', async () => {
  await under({ fault: faults.natsKilled, at: 0.3, forMs: PAST_LEASE_MS })
}, 180_000)

test('the store of nats-server is deleted: what was in flight is lost, and nothing else', async () => {
  await under({ fault: faults.storeLost, at: 0.3, forMs: 0 })
}, 180_000)

test('clocks jump by hours, back and forth: nothing is lost', async () => {
  const { lost } = await under(
    { fault: faults.steppedClock(a1, HOUR), at: 0.1, forMs: 1_500 },
    { fault: faults.steppedClock(at.server, -HOUR), at: 0.2, forMs: 1_500 },
    { fault: faults.steppedClock(at.server, 2 * HOUR), at: 0.5, forMs: 1_500 },
    { fault: faults.steppedClock(a1, -HOUR), at: 0.5, forMs: 1_500 },
  )
  expect(lost).toBe(0)
}, 180_000)
