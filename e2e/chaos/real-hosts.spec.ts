// The same on hosts that a real sshd answers for: they count by themselves how often a command has run on them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../../scripts/needs.ts'
import { addKey } from '../support/lab-hosts.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { type Hit, runUnder } from './chaos-run.ts'
import { faultsOf } from './faults.ts'
import { IDCS, type Installation, install } from './installation.ts'
import { lineJournal, noting } from './line-journal.ts'
import { LEASE, SEED, storyOf } from './mixes.ts'
import { reckon } from './reckoning.ts'

const HOSTS = 200
const CONCURRENCY = 24

let at: Installation
let sshd: Sshd
let folder: string
let runs = 0

const file = (): string => join(folder, `run-${runs}`)

beforeEach((context) => needs(context, 'nats-server', 'sshd'))
beforeAll(async () => {
  if (missingTools(['nats-server', 'sshd']).length > 0) return
  folder = mkdtempSync(join(tmpdir(), 'om-chaos-hosts-'))
  sshd = await startSshd()
  const nameOf = new Map(Array.from({ length: HOSTS }, (_, n) => [sshd.address(n), `h-${n}`]))
  at = await install({
    database: 'sqlite',
    lease: LEASE,
    journal: lineJournal(file, (address) => nameOf.get(address) ?? address),
    async hosts(client) {
      await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
      const hosts = [...nameOf].map(
        ([address, name], n) =>
          `  - { name: ${name}, address: ${address}, port: ${sshd.port}, credential: lab, labels: { idc: ${IDCS[n % IDCS.length]} } }`,
      )
      return `hosts:\n${hosts.join('\n')}\n`
    },
  })
}, 180_000)
afterAll(async () => {
  await at?.remove()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const under = async (hits: readonly Hit[]) => {
  runs++
  const work = { command: noting(file(), 'sleep 1'), outputOf: () => 'done\n' }
  const options = { hosts: HOSTS, concurrency: CONCURRENCY, withinMs: 120_000, work }
  const ran = await runUnder(at, hits, options)
  const result = await reckon(at, ran, HOSTS)
  const story = storyOf(SEED, hits, ran)
  console.info(`${story}: ${JSON.stringify(result)}`)
  expect(result.wrong, story).toEqual([])
  expect(result.lost).toBeLessThanOrEqual(CONCURRENCY * hits.length)
}

test('controllers and nats-server are killed: no host runs a command twice', async () => {
  const [a1, , b1] = at.controllers
  if (!a1 || !b1) throw new Error('no controllers')
  const faults = faultsOf(at)
  await under([
    { fault: faults.killed(a1), at: 0.15, forMs: 7_000 },
    { fault: faults.natsKilled, at: 0.35, forMs: 500 },
    { fault: faults.killed(at.server), at: 0.45, forMs: 500 },
    { fault: faults.killed(b1), at: 0.6, forMs: 500 },
  ])
}, 240_000)

test('one controller is frozen, another cut off: no host runs a command twice', async () => {
  const [, a2, b1] = at.controllers
  if (!a2 || !b1) throw new Error('no controllers')
  const faults = faultsOf(at)
  await under([
    { fault: faults.frozen(a2), at: 0.1, forMs: (LEASE + 3) * 1_000 },
    { fault: faults.cutOff(b1), at: 0.2, forMs: (LEASE + 3) * 1_000 },
  ])
}, 240_000)

test('the store of nats-server is deleted: no host runs a command twice, and what nobody had begun runs', async () => {
  await under([{ fault: faultsOf(at).storeLost, at: 0.3, forMs: 0 }])
}, 240_000)
