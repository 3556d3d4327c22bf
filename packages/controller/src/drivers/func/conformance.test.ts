// The driver conformance suite against a stand-in for funcd that runs its commands on this machine.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import {
  type TestCertmaster,
  testCertmaster,
} from '../../../../../e2e/support/func/certificates.ts'
import { type Funcd, startFuncd } from '../../../../../e2e/support/func/funcd.ts'
import { spoolKey } from '../../detached/spool.ts'
import {
  canRun,
  type DriverHarness,
  driverConformance,
  type Feature,
  without,
} from '../conformance.ts'
import { funcRig } from './testing/func-rig.ts'

// A certificate says who a host is, so it has one name.
const lacking: readonly Feature[] = ['live', 'whole', 'signals', 'anyName']

describe('func driver', () => {
  let certmaster: TestCertmaster
  let funcd: Funcd
  let blackHole: Server
  let harness: DriverHarness
  const folder = mkdtempSync(join(tmpdir(), 'om-func-'))

  beforeAll(async () => {
    certmaster = testCertmaster()
    const pair = certmaster.issue('h1', { alternative: 'DNS:h1' })
    funcd = await startFuncd({ ca: certmaster.ca, pair })
    blackHole = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => blackHole.once('listening', resolve))
    const bound = blackHole.address()
    const hole = typeof bound === 'object' && bound !== null ? bound.port : 0
    const rig = funcRig(certmaster.ca, certmaster.pair, { spools: folder })
    harness = {
      driver: rig.driver,
      host: rig.host('h1', funcd.port),
      unreachable: rig.host('h1', 1),
      silent: rig.host('h1', hole),
      machine: { folder },
      spooled: true,
      without: lacking,
      spoolOf: (attempt) =>
        existsSync(join(folder, `omserver-${userInfo().uid}`, spoolKey('run-1', 'h1', attempt))),
      secret: rig.secret,
    }
  })

  afterAll(async () => {
    await harness?.driver.close()
    blackHole?.close()
    await funcd?.stop()
    certmaster?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const one of driverConformance
    .filter(without(lacking))
    .filter(({ needs }) => needs !== 'blobs')) {
    // Most of the time is spent waiting between two questions. Those that measure how soon something ends run alone.
    const inTime = /abort|gone|killed|session|never answers|nothing acts/.test(one.name)
    const test = inTime ? it : it.concurrent
    test(one.name, async ({ skip }) => {
      if (!canRun(one, harness)) skip(`needs ${one.needs}`)
      await one.run(harness)
    })
  }
})
