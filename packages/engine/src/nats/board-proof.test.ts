// Values of a board that prove who wrote them, and in which order.

import { expect, test } from 'vitest'
import { signingWith, testCa } from '../signing/testing/test-ca.ts'
import { boardProof } from './board-proof.ts'
import { encodeJson } from './payload.ts'

const DRAIN = { want: 'drain' }
const LEAVE = { want: 'leave' }
const KEY = 'controller:c1'

const setUp = async (now: () => number = () => Date.now()) => {
  const ca = await testCa()
  const tls = await ca.issue({ uri: 'om://om/server/sz/web/1' })
  const signing = await signingWith(tls, { now })
  return { signing, server: boardProof(signing, 'intent', 'sz') }
}

test('what lay there before is not taken for news, and the same message is, as often as it comes', async () => {
  const { signing, server } = await setUp()
  const reader = boardProof(signing, 'intent', 'sz')
  const drain = await server.encode(KEY, DRAIN, undefined)
  const leave = await server.encode(KEY, LEAVE, drain)
  expect(reader.decode(KEY, drain, false)).toEqual(DRAIN)
  expect(reader.decode(KEY, leave, false)).toEqual(LEAVE)
  expect(reader.decode(KEY, leave, false)).toEqual(LEAVE)
  expect(() => reader.decode(KEY, drain, false)).toThrow(/newer/)
  reader.forget(KEY)
  expect(reader.decode(KEY, drain, false)).toEqual(DRAIN)
})

test('a removal is signed as one, and a value is not taken for it', async () => {
  const { signing, server } = await setUp()
  const reader = boardProof(signing, 'intent', 'sz')
  const drain = await server.encode(KEY, DRAIN, undefined)
  const removal = await server.encode(KEY, undefined, drain)
  expect(() => reader.decode(KEY, drain, true)).toThrow(/does not fit/)
  expect(() => reader.decode(KEY, removal, false)).toThrow(/does not fit/)
  expect(reader.decode(KEY, removal, true)).toBeNull()
  expect(() => reader.decode(KEY, encodeJson(null), true)).toThrow(/not signed/)
})

test('a server whose clock went back, and which was restarted, is heard still', async () => {
  let now = Date.now()
  const { signing, server } = await setUp(() => now)
  const reader = boardProof(signing, 'intent', 'sz')
  const drain = await server.encode(KEY, DRAIN, undefined)
  expect(reader.decode(KEY, drain, false)).toEqual(DRAIN)
  now -= 3_600_000
  const leave = await boardProof(signing, 'intent', 'sz').encode(KEY, LEAVE, drain)
  expect(reader.decode(KEY, leave, false)).toEqual(LEAVE)
  const removal = await boardProof(signing, 'intent', 'sz').encode(KEY, undefined, leave)
  expect(reader.decode(KEY, removal, true)).toBeNull()
  const afterRemoval = await boardProof(signing, 'intent', 'sz').encode(KEY, DRAIN, removal)
  expect(reader.decode(KEY, afterRemoval, false)).toEqual(DRAIN)
})
