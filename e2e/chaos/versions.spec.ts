// Peers one version apart: one of them writes fields that the other does not know, into everything that it sends. The
// next version may do that and no more (docs/protocol.md); what may not be passed over is a new version of the message.

import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { needs } from '../../scripts/needs.ts'
import { faultsOf } from './faults.ts'
import { type Installation, install, simulatedHosts } from './installation.ts'
import { LEASE, SEED } from './mixes.ts'
import { strike } from './strike.ts'

const HOSTS = 400
const newer = { NODE_OPTIONS: `--import=${resolve(import.meta.dirname, 'newer-peer.mjs')}` }

let at: Installation | undefined

beforeEach((context) => needs(context, 'nats-server'))
afterEach(async () => {
  await at?.remove()
  at = undefined
})

/** Work, a takeover, and a store that is lost: every kind of message is sent. */
const wholeDay = async (env: Readonly<Record<string, NodeJS.ProcessEnv>>): Promise<void> => {
  at = await install({ database: 'sqlite', lease: LEASE, hosts: simulatedHosts(HOSTS), env })
  const [a1] = at.controllers
  if (!a1) throw new Error('no controller')
  const faults = faultsOf(at)
  const options = { seed: SEED, hosts: HOSTS }
  expect((await strike(at, [], options)).ok).toBe(HOSTS)
  await strike(at, [{ fault: faults.killed(a1), at: 0.2, forMs: 500 }], options)
  await strike(at, [{ fault: faults.storeLost, at: 0.3, forMs: 0 }], options)
}

test('the newer peer of these tests does write what others do not know', () => {
  const code = 'JSON.stringify({ kind: "host.ended", sliceId: "s", end: { state: "ok" } })'
  const env = { ...process.env, ...newer }
  const said = execFileSync(process.execPath, ['-p', code], { encoding: 'utf8', env })
  expect(JSON.parse(said)).toMatchObject({
    kind: 'host.ended',
    fromTheFuture: { n: 7 },
    end: { state: 'ok', fromTheFuture: { n: 7 } },
  })
})

test('an older controller with a newer server carries out all that it is given', async () => {
  await wholeDay({ server: newer })
}, 240_000)

test('newer controllers beside older ones with an older server: what they report counts', async () => {
  await wholeDay({ a1: newer, b2: newer })
}, 240_000)
