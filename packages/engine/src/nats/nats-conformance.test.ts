// The suite of every engine adapter, against real nats-servers: Debian's, and the one that OM_NATS_SERVER names.

import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { engineConformance } from '../conformance.ts'
import type { Lease } from './leases.ts'
import { connectNatsEngine } from './nats-engine.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]

describe.skipIf(missingTools(['nats-server']).length > 0)('nats engine conformance', () => {
  describe.each(binaries)('%s', (binary) => {
    let server: NatsServer
    let engines = 0

    beforeAll(async () => {
      server = await startNatsServer(binary)
    }, 60_000)
    afterAll(() => server?.stop())

    test.each(engineConformance)('$name', async ({ run }) => {
      const leases: Lease[] = []
      const open = async () => {
        const engine = await connectNatsEngine({
          servers: server.url,
          identity: 'test',
          // A store of its own, as after the loss of everything.
          prefix: `om${++engines}`,
          leaseMs: 700,
          presenceTtlMs: 150,
          onLease: (lease) => leases.push(lease),
        })
        onTestFinished(() => engine.close())
        return engine
      }
      const engine = await open()
      await run({
        engine,
        async expireLease(idc, sliceId) {
          leases.findLast((lease) => lease.idc === idc && lease.sliceId === sliceId)?.expire()
        },
        async loseStore() {
          await engine.close()
          return open()
        },
      })
    })
  })
})
