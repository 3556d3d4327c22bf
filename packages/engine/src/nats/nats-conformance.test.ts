// The suite of every engine adapter, against real nats-servers: Debian's, and the one that OM_NATS_SERVER names.

import { Secret } from '@omserver/core'
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { engineConformance } from '../conformance.ts'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { serverSealing } from '../sealing/server-sealing.ts'
import type { Lease } from './leases.ts'
import { connectNatsEngine } from './nats-engine.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]

const { publicKey } = makeSealKeys()
const sealings = {
  'not sealed': undefined,
  sealed: serverSealing({
    masterKey: Buffer.alloc(32, 7),
    recipients: async () => [publicKey],
    secrets: {
      open: async (ref) => new Secret(ref),
      credential: async (id) => ({ id, version: 1, user: 'ops', kind: 'agent' }),
    },
  }),
}
type Name = keyof typeof sealings
const setups = binaries.flatMap((binary) =>
  (Object.keys(sealings) as Name[]).map((name) => [binary, name] as const),
)

describe.skipIf(missingTools(['nats-server']).length > 0)('nats engine conformance', () => {
  describe.each(setups)('%s, %s', (binary, sealing) => {
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
          // nats-server sets the room for it aside, and every case has a store of its own.
          blobsMaxBytes: 64 * 1024 * 1024,
          sealing: sealings[sealing],
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
