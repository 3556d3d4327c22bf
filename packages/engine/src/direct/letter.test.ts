import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { openingKeyOf, recipientOf } from '../sealing/hpke.ts'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { signingWith, testCa } from '../signing/testing/test-ca.ts'
import {
  type LetterKind,
  openAnswer,
  openLetter,
  runKeyContext,
  sealAnswer,
  writeLetter,
} from './letter.ts'
import { serverSealKeys, sliceKeyOf } from './run-key.ts'

const run = '0199a1b2-0000-7000-8000-000000000001'
const about = { kind: 'run' as LetterKind, idc: 'sz', run }
const controller = makeSealKeys()

const setting = async () => {
  const ca = await testCa()
  const reader = await signingWith(await ca.issue({ uri: 'om://om/controller/sz/c1/1' }))
  const client = async (uri = 'om://om/client/sz/wei/1', by = ca) =>
    signingWith(await by.issue({ uri }))
  const key = new Uint8Array(randomBytes(32))
  const keysFor = (idc: string) =>
    Promise.all([recipientOf(controller.publicKey).seal(key, runKeyContext(idc, run))])
  const own = openingKeyOf(controller.privateKey)
  const read = (
    letter: Awaited<ReturnType<typeof writeLetter>>,
    idc = 'sz',
    kind: LetterKind = 'run',
  ) => openLetter(letter, { kind, idc }, { own, verifier: reader })
  return { ca, client, key, keysFor, read }
}

it('tells a controller who wrote, and nobody else what', async () => {
  const { client, key, keysFor, read } = await setting()
  const by = { key, keys: await keysFor('sz'), signer: await client() }
  const letter = await writeLetter(about, { module: 'shell', secret: 'marked' }, by)
  const opened = await read(letter)
  expect(opened).toMatchObject({ client: 'wei', content: { module: 'shell', secret: 'marked' } })
  expect(Buffer.from(opened.key)).toEqual(Buffer.from(key))
  expect(JSON.stringify(letter)).not.toContain('marked')
  const other = openingKeyOf(makeSealKeys().privateKey)
  const verifier = await client()
  await expect(
    openLetter(letter, { kind: 'run', idc: 'sz' }, { own: other, verifier }),
  ).rejects.toThrow('sealed to others')
})

it('is good for one purpose, one IDC and one run', async () => {
  const { client, key, keysFor, read } = await setting()
  const by = { key, keys: await keysFor('sz'), signer: await client() }
  const letter = await writeLetter(about, { a: 1 }, by)
  await expect(read(letter, 'sz', 'abort')).rejects.toThrow()
  await expect(read(letter, 'bj')).rejects.toThrow()
  await expect(read({ ...letter, run: run.replace('1', '2') })).rejects.toThrow()
  const flipped = Buffer.from(letter.sealed, 'base64')
  flipped[60] = (flipped[60] ?? 0) ^ 1
  await expect(read({ ...letter, sealed: flipped.toString('base64') })).rejects.toThrow()
})

it('is refused from whoever is no client of the IDC', async () => {
  const { ca, client, key, keysFor, read } = await setting()
  const keys = await keysFor('sz')
  const from = async (uri: string, by = ca) => {
    const signer = await client(uri, by)
    return writeLetter(about, {}, { key, keys, signer })
  }
  await expect(read(await from('om://om/controller/sz/c1/1'))).rejects.toThrow('may not sign')
  await expect(read(await from('om://om/client/bj/wei/1'))).rejects.toThrow('may not sign')
  await expect(read(await from('om://om/client/sz/wei/1', await testCa()))).rejects.toThrow(
    'not from our CA',
  )
})

it('does not become larger than what is sent at once', async () => {
  const { client, key, keysFor } = await setting()
  const by = { key, keys: await keysFor('sz'), signer: await client() }
  const noise = randomBytes(200_000).toString('base64')
  await expect(writeLetter(about, { noise }, by)).rejects.toThrow('at most')
})

it('is answered so that only who asked can read it', () => {
  const key = new Uint8Array(randomBytes(32))
  const sealed = sealAnswer(about, key, { ok: true, value: ['web-1'] })
  expect(String(sealed)).not.toContain('web-1')
  expect(openAnswer(about, key, sealed)).toEqual({ ok: true, value: ['web-1'] })
  expect(() => openAnswer({ ...about, kind: 'question' }, key, sealed)).toThrow()
  expect(() => openAnswer(about, new Uint8Array(randomBytes(32)), sealed)).toThrow()
})

it('gives every server of an installation the same sealing key, and every slice its own', () => {
  const master = Buffer.alloc(32, 7)
  expect(serverSealKeys(master)).toEqual(serverSealKeys(master))
  expect(openingKeyOf(serverSealKeys(master).privateKey).publicKey).toBe(
    serverSealKeys(master).publicKey,
  )
  expect(serverSealKeys(Buffer.alloc(32, 8)).publicKey).not.toBe(serverSealKeys(master).publicKey)
  expect(sliceKeyOf(master, `${run}:0`)).not.toEqual(sliceKeyOf(master, `${run}:1`))
})
