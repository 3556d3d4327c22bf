// The suite of every engine adapter, against real nats-servers: Debian's, and the one that OM_NATS_SERVER names.

import { Secret } from '@omserver/core'
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { engineConformance } from '../conformance.ts'
import { controllerSealing } from '../sealing/controller-sealing.ts'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { serverSealing } from '../sealing/server-sealing.ts'
import { openFileSigning } from '../signing/file-signing.ts'
import { testCa } from '../signing/testing/test-ca.ts'
import type { Lease } from './leases.ts'
import { connectNatsEngine } from './nats-engine.ts'
import type { NatsOptions } from './nats-options.ts'

const second = process.env['OM_NATS_SERVER']
const binaries = ['nats-server', ...(second ? [second] : [])]

const { publicKey, privateKey } = makeSealKeys()
const sealingParts = {
  masterKey: Buffer.alloc(32, 7),
  recipients: async () => [publicKey],
  secrets: {
    open: async (ref: string) => new Secret(ref),
    credential: async (id: string) => ({ id, version: 1, user: 'ops', kind: 'agent' as const }),
  },
}
type Proof = Pick<NatsOptions, 'sealing' | 'signing'>

/** One engine is server and controllers here: it signs as the server of whichever IDC, and opens as a controller. */
const signed = async (): Promise<Proof> => {
  const ca = await testCa()
  const issued = new Map<string, ReturnType<typeof ca.issue>>()
  const tlsOf = (idc: string) => {
    const tls = issued.get(idc) ?? ca.issue({ uri: `om://om/server/${idc}/web/1` })
    issued.set(idc, tls)
    return tls
  }
  const { caFile } = await tlsOf('sz')
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const signing = await openFileSigning({ caFile, tlsOf, ...clock })
  const controller = controllerSealing(privateKey, { verifier: signing, now: clock.now })
  const { openSlice, forget } = controller
  return { signing, sealing: { ...serverSealing({ ...sealingParts, signing }), openSlice, forget } }
}

const proofs: Readonly<Record<string, () => Promise<Proof>>> = {
  'not sealed': async () => ({}),
  sealed: async () => ({ sealing: serverSealing(sealingParts) }),
  'sealed and signed': signed,
}
const setups = binaries.flatMap((binary) =>
  Object.entries(proofs).map(([name, proof]) => [binary, name, proof] as const),
)

describe.skipIf(missingTools(['nats-server']).length > 0)('nats engine conformance', () => {
  describe.each(setups)('%s, %s', (binary, _, proof) => {
    let server: NatsServer
    let engines = 0

    beforeAll(async () => {
      server = await startNatsServer(binary)
    }, 60_000)
    afterAll(() => server?.stop())

    test.each(engineConformance)('$name', async ({ run }) => {
      const leases: Lease[] = []
      const given = await proof()
      const open = async () => {
        const engine = await connectNatsEngine({
          servers: server.url,
          identity: 'test',
          // A store of its own, as after the loss of everything.
          prefix: `om${++engines}`,
          leaseMs: 700,
          // nats-server sets the room for it aside, and every case has a store of its own.
          blobsMaxBytes: 64 * 1024 * 1024,
          ...given,
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
