// Slices that are sealed to a controller, and whom it takes them from.

import { Secret } from '@omserver/core'
import { expect, test } from 'vitest'
import { slice } from '../conformance/case-kit.ts'
import { DAY, signingWith, testCa } from '../signing/testing/test-ca.ts'
import { controllerSealing } from './controller-sealing.ts'
import { makeSealKeys } from './seal-key.ts'
import { packSealedSlice, unpackSealedSlice } from './sealed-slice.ts'
import { serverSealing } from './server-sealing.ts'

const setUp = async () => {
  const ca = await testCa()
  const days = { from: Date.now() - 20 * DAY, to: Date.now() + 20 * DAY }
  const tls = await ca.issue({ uri: 'om://om/server/sz/web/1', ...days })
  const signing = await signingWith(tls)
  const { publicKey, privateKey } = makeSealKeys()
  const parts = {
    masterKey: Buffer.alloc(32, 7),
    recipients: async () => [publicKey],
    secrets: {
      open: async (ref: string) => new Secret(ref),
      credential: async (id: string) => ({ id, version: 1, user: 'ops', kind: 'agent' as const }),
    },
  }
  const controllerAt = (now: number) =>
    controllerSealing(privateKey, { verifier: signing, now: () => now })
  return { signing, parts, privateKey, controllerAt }
}

test('a slice that was signed is opened; its key and its secrets are known only then', async () => {
  const { signing, parts, controllerAt } = await setUp()
  const controller = controllerAt(Date.now())
  const unsigned = await serverSealing(parts).sealSlice(slice('s1'))
  await expect(controller.openSlice('sz', 's1', unsigned)).rejects.toThrow('it is not signed')
  expect(() => controller.sealEvents('s1', new Uint8Array())).toThrow(/not known/)
  const signed = await serverSealing({ ...parts, signing }).sealSlice(slice('s1'))
  expect(await controller.openSlice('sz', 's1', signed)).toEqual(slice('s1'))
  expect(controller.sealEvents('s1', new Uint8Array()).length).toBeGreaterThan(0)
})

test('the signature of one slice in another, or half of one, is none', async () => {
  const { signing, parts, controllerAt } = await setUp()
  const sealing = serverSealing({ ...parts, signing })
  const [one, other] = [
    unpackSealedSlice(await sealing.sealSlice(slice('s1'))),
    unpackSealedSlice(await sealing.sealSlice({ ...slice('s1'), concurrency: 2 })),
  ]
  const controller = controllerAt(Date.now())
  for (const signed of [other.signed, one.signed?.subarray(3), Buffer.alloc(60)]) {
    const data = packSealedSlice({ ...one, signed })
    await expect(controller.openSlice('sz', 's1', data)).rejects.toMatchObject({
      name: 'NotProven',
    })
  }
})

test('a slice that is older than any run is run no more', async () => {
  const { signing, parts, controllerAt } = await setUp()
  const signed = await serverSealing({ ...parts, signing }).sealSlice(slice('s1'))
  const now = Date.now()
  await expect(controllerAt(now + 9 * DAY).openSlice('sz', 's1', signed)).rejects.toThrow(
    /eight days/,
  )
  expect(await controllerAt(now + 7 * DAY).openSlice('sz', 's1', signed)).toEqual(slice('s1'))
})

test('one that asks for no signature opens what is signed, and what is not', async () => {
  const { signing, parts, privateKey } = await setUp()
  const older = controllerSealing(privateKey)
  for (const sealing of [serverSealing({ ...parts, signing }), serverSealing(parts)]) {
    expect(await older.openSlice('sz', 's1', await sealing.sealSlice(slice('s1')))).toEqual(
      slice('s1'),
    )
  }
})

test('who reads a sealed slice finds neither the signature nor who made it', async () => {
  const { signing, parts } = await setUp()
  const signed = await serverSealing({ ...parts, signing }).sealSlice(slice('s1'))
  const text = Buffer.from(signed).toString('latin1')
  for (const word of ['certificate', 'om://', 'holder']) expect(text).not.toContain(word)
})
