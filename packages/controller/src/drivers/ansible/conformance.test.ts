// The driver conformance suite over Ansible: both versions, against a real sshd.

import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type DriverHarness, driverConformance, type Feature, without } from '../conformance.ts'
import { installations, type Lab, openLab } from './ansible.fixture.ts'

// What a command says comes when it has ended, and it is heard until its streams are closed.
const lacking: readonly Feature[] = ['live', 'strays']

describe.each(installations)('ansible driver, $name', ({ bin, missing }) => {
  let lab: Lab
  let blackHole: Server
  let harness: DriverHarness

  beforeAll(async () => {
    if (missing) return
    lab = await openLab({ bin })
    blackHole = createServer(() => undefined).listen(0, '127.0.0.1')
    const hole = await new Promise<number>((resolve) => {
      blackHole.once('listening', () => {
        const bound = blackHole.address()
        resolve(typeof bound === 'object' && bound !== null ? bound.port : 0)
      })
    })
    const host = lab.host(0)
    const { access } = host
    const folder = join(lab.folder, 'machine')
    mkdirSync(folder)
    harness = {
      without: lacking,
      driver: lab.driver,
      host,
      unreachable: { ...host, access: { ...access, port: 1 } },
      silent: { ...host, access: { ...access, address: '127.0.0.1', port: hole } },
      machine: { folder },
      secret: lab.secret,
    }
  })

  afterAll(async () => {
    blackHole?.close()
    await lab?.close()
  })

  const cases = driverConformance.filter(without(lacking))
  for (const one of cases.filter(({ needs }) => needs !== 'detaches' && needs !== 'blobs')) {
    it(one.name, { timeout: 120_000 }, async ({ skip }) => {
      if (missing) skip(`this machine has no ${missing}`)
      await one.run(harness)
    })
  }
})
