// What a signature proves, and what it does not, with certificates of many makers.

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeSealKeys } from '../sealing/seal-key.ts'
import { certificateAuthority } from './authority.ts'
import { identityIn } from './identity.ts'
import { parseSigned, readSigned, signedBytes, signedJson } from './signed-text.ts'
import { NotProven, type SigningContext } from './signing.ts'
import { DAY, type KeyKind, signingWith, testCa } from './testing/test-ca.ts'

const server = 'om://om/server/sz/web/1'
const context: SigningContext = { what: 'slice', idc: 'sz', key: 's1' }
const bytes = Buffer.from('restart nginx')

const refusedFor = (why: RegExp) =>
  expect.objectContaining({ name: 'NotProven', message: expect.stringMatching(why) })

const setUp = async (uri = server) => {
  const ca = await testCa()
  const signer = await signingWith(await ca.issue({ uri }))
  const verifier = await signingWith(await ca.issue({ uri: 'om://om/controller/sz/c1/1' }))
  return { ca, signer, verifier }
}

test('what a server of the IDC has signed is proven, and says who it was', async () => {
  const { signer, verifier } = await setUp()
  const before = Date.now()
  const signed = await signer.sign(context, bytes)
  const proven = verifier.verify(context, bytes, signed, ['server'])
  expect(proven.by).toEqual({ kind: 'server', idc: 'sz', name: 'web', generation: 1 })
  expect(proven.at).toBeGreaterThanOrEqual(before)
  expect(proven.certificate).toMatchObject({ serial: expect.stringMatching(/^[0-9a-f]+$/) })
  expect(proven.certificate.endsAt).toBeGreaterThan(Date.now())
  expect(parseSigned(signedBytes(signed))).toEqual(signed)
  expect(readSigned(JSON.parse(JSON.stringify(signedJson(signed))))).toEqual(signed)
})

test('nothing, nonsense and a changed bit prove nothing, wherever the bit is', async () => {
  const { signer, verifier } = await setUp()
  const signed = await signer.sign(context, bytes)
  const verify = (changed: Partial<typeof signed>, text: Uint8Array = bytes) =>
    verifier.verify(context, text, { ...signed, ...changed }, ['server'])
  expect(() => verifier.verify(context, bytes, undefined, ['server'])).toThrow(
    refusedFor(/not signed/),
  )
  expect(parseSigned(Buffer.from('{"at":1}'))).toBeUndefined()
  expect(parseSigned(Buffer.from('garbage'))).toBeUndefined()
  const flipped = (whole: Uint8Array, at: number): Uint8Array => {
    const copy = Buffer.from(whole)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }
  expect(() => verify({}, flipped(bytes, 3))).toThrow(NotProven)
  expect(() => verify({ at: signed.at + 1 })).toThrow(NotProven)
  for (let at = 0; at < signed.signature.length; at += 7) {
    expect(() => verify({ signature: flipped(signed.signature, at) })).toThrow(NotProven)
  }
  for (let at = 0; at < signed.certificate.length; at += 23) {
    expect(() => verify({ certificate: flipped(signed.certificate, at) })).toThrow(NotProven)
  }
  expect(() => verify({ certificate: new Uint8Array() })).toThrow(NotProven)
  expect(() => verify({})).not.toThrow()
})

test('what was moved to another place, or given out as another thing, proves nothing', async () => {
  const { signer, verifier } = await setUp()
  const signed = await signer.sign(context, bytes)
  for (const moved of [{ key: 's2' }, { what: 'intent' }, { idc: 'bj' }]) {
    expect(() => verifier.verify({ ...context, ...moved }, bytes, signed, ['server'])).toThrow(
      NotProven,
    )
  }
  // Neither does a seam that is elsewhere.
  const [a, b] = [
    { ...context, key: 'a', what: 'b c' },
    { ...context, key: 'a b', what: 'c' },
  ]
  const other = await signer.sign(a, bytes)
  expect(() => verifier.verify(b, bytes, other, ['server'])).toThrow(NotProven)
})

test('a CA that only has the same name is another one', async () => {
  const { verifier } = await setUp()
  const foreign = await signingWith(await (await testCa()).issue({ uri: server }))
  const signed = await foreign.sign(context, bytes)
  expect(() => verifier.verify(context, bytes, signed, ['server'])).toThrow(
    refusedFor(/not from our CA/),
  )
})

test.each([
  ['a controller of the IDC', 'om://om/controller/sz/c1/1', /controller c1 of sz may not sign/],
  ['a client of the IDC', 'om://om/client/sz/alice/1', /may not sign/],
  ['a server in another IDC', 'om://om/server/bj/web/1', /web of bj may not sign a slice of sz/],
  ['a server outside of the IDCs', 'om://om/hub/web/1', /may not sign/],
  ['nats-server', undefined, /nobody/],
  ['another installation', 'https://om/server/sz/web/1', /nobody/],
])('%s is not whom a slice is taken from', async (_, uri, why) => {
  const { ca, verifier } = await setUp()
  const signer = await signingWith(await ca.issue({ uri, dns: 'nats.acme' }))
  const signed = await signer.sign(context, bytes)
  expect(() => verifier.verify(context, bytes, signed, ['server'])).toThrow(refusedFor(why))
})

test('who may sign what is for the asker to say', async () => {
  const { ca, verifier } = await setUp()
  const submitted = { what: 'run.submitted', idc: 'sz', key: 'r1' }
  const alice = await signingWith(await ca.issue({ uri: 'om://om/client/sz/alice/3' }))
  const hub = await signingWith(await ca.issue({ uri: 'om://om/hub/web/1' }))
  const by = async (signer: typeof alice, mayBe: Parameters<typeof verifier.verify>[3]) =>
    verifier.verify(submitted, bytes, await signer.sign(submitted, bytes), mayBe).by
  expect(await by(alice, ['client'])).toMatchObject({ name: 'alice', generation: 3 })
  expect(await by(hub, ['server', 'hub'])).toMatchObject({ kind: 'hub' })
  await expect(by(alice, ['server', 'hub'])).rejects.toThrow(NotProven)
})

test('a certificate counts a day beyond its span, for clocks differ, and no longer', async () => {
  const ca = await testCa()
  const [from, to] = [Date.now() - 10 * DAY, Date.now() + 10 * DAY]
  const tls = await ca.issue({ uri: server, from, to })
  const signed = await (await signingWith(tls)).sign(context, bytes)
  const at = async (time: number) =>
    (await signingWith(tls, { now: () => time })).verify(context, bytes, signed, ['server'])
  await expect(at(from - 2 * DAY)).rejects.toThrow(refusedFor(/not good before/))
  await expect(at(to + 2 * DAY)).rejects.toThrow(refusedFor(/ended on/))
  expect((await at(from - DAY / 2)).by.name).toBe('web')
  expect((await at(to + DAY / 2)).by.name).toBe('web')
})

test('also one that is known already ends', async () => {
  const { ca } = await setUp()
  let now = Date.now()
  const tls = await ca.issue({ uri: server })
  const verifier = await signingWith(tls, { now: () => now })
  const signed = await verifier.sign(context, bytes)
  expect(verifier.verify(context, bytes, signed, ['server']).by.name).toBe('web')
  now += 3 * DAY
  expect(() => verifier.verify(context, bytes, signed, ['server'])).toThrow(refusedFor(/ended/))
})

const makers: readonly (readonly [KeyKind, KeyKind | undefined, KeyKind])[] = [
  ['P-256', undefined, 'P-256'],
  ['P-384', undefined, 'P-256'],
  ['RSA', undefined, 'P-256'],
  ['RSA', 'P-384', 'P-256'],
  ['P-384', 'RSA', 'P-256'],
  ['P-256', undefined, 'RSA'],
]
test.each(makers)('a CA of %s, below it %s, and a key of %s', async (root, below, key) => {
  const top = await testCa(root)
  const ca = below === undefined ? top : await top.intermediate(below)
  const tls = await ca.issue({ uri: server, key })
  const signing = await signingWith(tls)
  const signed = await signing.sign(context, bytes)
  expect(signing.verify(context, bytes, signed, ['server']).by.name).toBe('web')
  if (below === undefined) return
  // Whoever knows the top alone was given no way from there to the certificate.
  writeFileSync(tls.caFile, top.pem)
  const unknowing = await signingWith(tls)
  expect(() => unknowing.verify(context, bytes, signed, ['server'])).toThrow(NotProven)
  // And one whose maker lacks his own maker is a foreign one.
  const [own = ''] = ca.pem.split(/(?<=END CERTIFICATE-----\n)/)
  writeFileSync(tls.caFile, own)
  const half = await signingWith(tls)
  expect(() => half.verify(context, bytes, signed, ['server'])).toThrow(NotProven)
})

test('whoever holds a certificate is no CA: what he issues is nobody’s', async () => {
  const { ca, verifier } = await setUp()
  const controller = await ca.issue({ uri: 'om://om/controller/sz/c1/1' })
  const forged = await testCa()
  const tls = await forged.issue({ uri: server })
  // His own certificate in the place of the CA's does not make it one.
  const asCa = readFileSync(controller.certFile, 'utf8')
  const trusting = certificateAuthority(ca.pem + asCa, Date.now)
  const signed = await (await signingWith(tls)).sign(context, bytes)
  expect(() => trusting.know(signed.certificate)).toThrow(NotProven)
  expect(() => verifier.verify(context, bytes, signed, ['server'])).toThrow(NotProven)
  const authority = await ca.issue({ uri: server, ca: true })
  const made = await (await signingWith(authority)).sign(context, bytes)
  expect(() => verifier.verify(context, bytes, made, ['server'])).toThrow(refusedFor(/nobody/))
})

test('of a name that was issued anew, the certificate of before counts no more', async () => {
  const { ca, verifier } = await setUp()
  const [first, second] = await Promise.all(
    [1, 2].map(async (generation) =>
      (await signingWith(await ca.issue({ uri: `om://om/server/sz/web/${generation}` }))).sign(
        context,
        bytes,
      ),
    ),
  )
  expect(verifier.verify(context, bytes, first, ['server']).by.generation).toBe(1)
  expect(verifier.verify(context, bytes, second, ['server']).by.generation).toBe(2)
  expect(() => verifier.verify(context, bytes, first, ['server'])).toThrow(refusedFor(/revoked/))
})

test('a sealing key stands in a certificate, and in most there is none', async () => {
  const { ca, verifier } = await setUp()
  const { publicKey } = makeSealKeys()
  const hello = { what: 'hello', idc: 'sz', key: 'controller:c1' }
  const keyOf = async (sealKey?: string) => {
    const uri = 'om://om/controller/sz/c1/1'
    const signer = await signingWith(await ca.issue({ uri, sealKey }))
    const signed = await signer.sign(hello, bytes)
    return verifier.verify(hello, bytes, signed, ['controller']).certificate.sealKey
  }
  expect(await keyOf(publicKey)).toBe(publicKey)
  expect(await keyOf()).toBeUndefined()
})

test('names are read as they are: what is quoted, doubled or foreign is nobody', () => {
  const name = 'URI:om://om/controller/_e6_b7_b1_e5_9c_b3/c1/2'
  expect(identityIn(`${name}, DNS:x`)).toEqual({
    kind: 'controller',
    idc: '深圳',
    name: 'c1',
    generation: 2,
  })
  expect(identityIn('DNS:"x, URI:om://om/server/sz/web/1, y"')).toBeUndefined()
  expect(identityIn(`${name}, URI:om://om/hub/web/1`)).toBeUndefined()
  for (const odd of ['/0', '/1/2', '/-1', '/01', '']) {
    expect(identityIn(`URI:om://om/hub/web${odd}`)).toBeUndefined()
  }
  expect(identityIn(undefined)).toBeUndefined()
})

test('what is signed after something is later than it, whatever the clock says', async () => {
  const { ca } = await setUp()
  const signing = await signingWith(await ca.issue({ uri: server }))
  const ahead = Date.now() + 3_600_000
  expect((await signing.sign(context, bytes, ahead)).at).toBe(ahead + 1)
})

test('a certificate that was renewed is shown from then on, without a restart', async () => {
  const ca = await testCa()
  let monotonic = 0
  const tls = await ca.issue({ uri: server })
  const signing = await signingWith(tls, { monotonic: () => monotonic })
  const before = await signing.sign(context, bytes)
  const renewed = await ca.issue({ uri: server })
  writeFileSync(tls.certFile, readFileSync(renewed.certFile))
  writeFileSync(tls.keyFile, readFileSync(renewed.keyFile))
  expect((await signing.sign(context, bytes)).certificate).toEqual(before.certificate)
  monotonic += 61_000
  const after = await signing.sign(context, bytes)
  expect(after.certificate).not.toEqual(before.certificate)
  expect(signing.verify(context, bytes, after, ['server']).by.name).toBe('web')
})
