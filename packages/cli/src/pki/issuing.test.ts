// What a CA's folder holds after each command, read back by Node's own X.509.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certifiedSealKey, checkHello, makeSealKeys, signHello, signingOf } from '@omserver/engine'
import { expect, onTestFinished, test } from 'vitest'
import { initAuthority } from './authority.ts'
import { checkSealKey, natsOptionsOf, newTlsKey, pemOf, publicKeyOf, spkiOf } from './bundle.ts'
import { aloneIn } from './ca-lock.ts'
import { makeAuthority, makeRequest, readRequest, sign } from './certificates.ts'
import { type CaFolder, issue, renew, revoke, type Wanted } from './issuing.ts'
import { readRegister, stateOf } from './register.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 5, 1, 12)

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'om-pki-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

let serial = 0
const newSerial = (): string => `40${(++serial).toString(16).padStart(30, '0')}`

const caAt = (dir: string, now = NOW): CaFolder => ({ dir, now, newSerial })

const newCa = async (): Promise<CaFolder> => {
  const ca = caAt(join(folder(), 'ca'))
  await initAuthority(ca, 'Müller & Söhne 公司')
  return ca
}

const wanted = (kind: Wanted['kind'], name: string, more: Partial<Wanted> = {}): Wanted => ({
  kind,
  name,
  idc: kind === 'controller' || kind === 'client' ? 'sz' : undefined,
  addresses: [],
  servers: ['tls://nats:4222'],
  days: 365,
  ...more,
})

const certificateOf = (...path: readonly string[]): X509Certificate =>
  new X509Certificate(readFileSync(join(...path)))
const modeOf = (...path: readonly string[]): string =>
  (statSync(join(...path)).mode & 0o777).toString(8)
const usage = (text: RegExp) =>
  expect.objectContaining({ exitCode: 2, message: expect.stringMatching(text) })

test('a CA lasts ten years, its key is for its owner, and it is never made twice in a folder', async () => {
  const ca = await newCa()
  const authority = certificateOf(ca.dir, 'ca.crt')
  expect(authority.ca).toBe(true)
  expect(authority.verify(authority.publicKey)).toBe(true)
  expect(Date.parse(authority.validTo)).toBe(NOW + 3652 * DAY)
  expect(modeOf(ca.dir, 'ca.key')).toBe('600')
  const before = readFileSync(join(ca.dir, 'ca.key'))
  await expect(initAuthority(ca, 'Other')).rejects.toThrow(usage(/ca\.crt|ca\.key|register/))
  expect(readFileSync(join(ca.dir, 'ca.key'))).toEqual(before)
})

test('a bundle has all that its holder needs, and its secrets are for the owner alone', async () => {
  const ca = await newCa()
  const { folder: bundle } = await issue(ca, wanted('controller', 'c1'))
  const certificate = certificateOf(bundle, 'tls.crt')
  const authority = certificateOf(bundle, 'ca.crt')
  expect(certificate.checkIssued(authority)).toBe(true)
  expect(certificate.verify(authority.publicKey)).toBe(true)
  expect(certificate.subjectAltName).toBe('URI:om://om/controller/sz/c1/1')
  // For reaching others only: it cannot pose as nats-server.
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(bundle, 'tls.key'))))).toBe(
    true,
  )
  const identity = JSON.parse(readFileSync(join(bundle, 'identity.json'), 'utf8'))
  const sealKey = createPublicKey(createPrivateKey(readFileSync(join(bundle, 'seal.key'))))
  expect(identity).toEqual({
    kind: 'controller',
    name: 'c1',
    idc: 'sz',
    prefix: 'om',
    servers: ['tls://nats:4222'],
    sealKey: Buffer.from(sealKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64'),
  })
  expect(Buffer.from(identity.sealKey, 'base64')).toHaveLength(32)
  expect([modeOf(bundle, 'tls.key'), modeOf(bundle, 'seal.key'), modeOf(bundle)]).toEqual([
    '600',
    '600',
    '700',
  ])
  expect(modeOf(ca.dir, 'register.json')).toBe('600')
})

test('nats-server shows its addresses, and is nobody to another nats-server', async () => {
  const ca = await newCa()
  const addresses = ['nats.corp', '10.0.0.5', 'fd00::5']
  const { folder: bundle } = await issue(ca, wanted('nats', 'nats-1', { addresses, servers: [] }))
  const certificate = certificateOf(bundle, 'tls.crt')
  expect(certificate.subjectAltName).toBe(
    'DNS:nats.corp, IP Address:10.0.0.5, IP Address:FD00:0:0:0:0:0:0:5',
  )
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(existsSync(join(bundle, 'identity.json'))).toBe(false)
  const { entry } = await issue(ca, wanted('controller', 'c1', { servers: [] }))
  expect(entry.servers).toEqual([
    'tls://nats.corp:4222',
    'tls://10.0.0.5:4222',
    'tls://[fd00::5]:4222',
  ])
})

test('where nats-server is may be said later, when a process starts; its loopback is for nobody elsewhere', async () => {
  const ca = await newCa()
  await issue(ca, wanted('server', 'web', { servers: [] }))
  const told = (name: string): unknown =>
    JSON.parse(readFileSync(join(ca.dir, name, 'identity.json'), 'utf8')).servers
  expect(told('web')).toEqual([])
  await issue(ca, wanted('nats', 'n1', { addresses: ['nats.acme', 'localhost', '127.0.0.1'] }))
  await issue(ca, wanted('server', 'web-2', { servers: [] }))
  expect(told('web-2')).toEqual(['tls://nats.acme:4222'])
})

test('a name is given once; one that is revoked comes back as somebody else', async () => {
  const ca = await newCa()
  await issue(ca, wanted('controller', 'c1'))
  await expect(issue(ca, wanted('client', 'c1'))).rejects.toThrow(usage(/c1/))
  expect(stateOf(await revoke(ca, 'c1'), NOW)).toBe('revoked')
  await expect(revoke(ca, 'c1')).rejects.toThrow(usage(/c1/))
  await issue(ca, wanted('controller', 'c1'))
  expect(certificateOf(ca.dir, 'c1', 'tls.crt').subjectAltName).toBe(
    'URI:om://om/controller/sz/c1/2',
  )
  expect(existsSync(join(ca.dir, 'c1.revoked-1', 'tls.key'))).toBe(true)
  expect(readRegister(ca.dir).entries.map((entry) => stateOf(entry, NOW))).toEqual([
    'revoked',
    'valid',
  ])
})

test('renewing keeps keys and user, and moves the end', async () => {
  const ca = await newCa()
  const { folder: bundle } = await issue(ca, wanted('controller', 'c1', { days: 40 }))
  const before = certificateOf(bundle, 'tls.crt')
  const key = readFileSync(join(bundle, 'tls.key'), 'utf8')
  const later = caAt(ca.dir, NOW + 20 * DAY)
  expect(stateOf(readRegister(ca.dir).entries[0] ?? expect.fail(), later.now)).toBe('endsSoon')
  const { entry } = await renew(later, 'c1', 365)
  const after = certificateOf(bundle, 'tls.crt')
  expect(stateOf(entry, later.now)).toBe('valid')
  expect(after.subjectAltName).toBe(before.subjectAltName)
  expect(after.serialNumber).not.toBe(before.serialNumber)
  expect(Date.parse(after.validTo)).toBe(later.now + 365 * DAY)
  expect(readFileSync(join(bundle, 'tls.key'), 'utf8')).toBe(key)
  expect(after.checkPrivateKey(createPrivateKey(key))).toBe(true)
})

test('a server gets a certificate for each IDC, also for one that comes later, with the key it has', async () => {
  const ca = await newCa()
  await issue(ca, wanted('controller', 'c1'))
  const first = await issue(ca, wanted('server', 'web'))
  expect(first.forServers.map(({ server, idc }) => [server, idc])).toEqual([['web', 'sz']])
  const second = await issue(ca, wanted('controller', 'g1', { idc: '广州 2' }))
  const [made] = second.forServers
  expect(made).toMatchObject({ server: 'web', idc: '广州 2' })
  const certificate = certificateOf(made?.file ?? '')
  expect(certificate.subjectAltName).toBe('URI:om://om/server/_e5_b9_bf_e5_b7_9e_202/web/1')
  expect(
    certificate.checkPrivateKey(createPrivateKey(readFileSync(join(ca.dir, 'web', 'tls.key')))),
  ).toBe(true)
  expect((await issue(ca, wanted('controller', 'c2'))).forServers).toEqual([])
  expect((await renew(ca, 'web', 700)).forServers).toHaveLength(2)
})

test('nothing that a CA signs outlasts it', async () => {
  const ca = await newCa()
  const late = caAt(ca.dir, NOW + 3600 * DAY)
  const { entry } = await issue(late, wanted('controller', 'c1'))
  expect(entry.endsAt).toBe(Date.parse(certificateOf(ca.dir, 'ca.crt').validTo))
  const tooLate = caAt(ca.dir, NOW + 3700 * DAY)
  await expect(issue(tooLate, wanted('controller', 'c2'))).rejects.toThrow(usage(/CA/))
})

test('a private key need not leave its machine', async () => {
  const ca = await newCa()
  const own = newTlsKey()
  const seal = makeSealKeys().publicKey
  const request = await makeRequest('whatever', own)
  const keys = { tls: await readRequest(request), seal: checkSealKey(`${seal}\n`) }
  const { folder: bundle } = await issue(ca, wanted('controller', 'c1', { keys }))
  const certificate = certificateOf(bundle, 'tls.crt')
  expect(certificate.checkPrivateKey(own.privateKey)).toBe(true)
  expect(certificate.subject).not.toContain('whatever')
  expect(existsSync(join(bundle, 'tls.key')) || existsSync(join(bundle, 'seal.key'))).toBe(false)
  expect(JSON.parse(readFileSync(join(bundle, 'identity.json'), 'utf8')).sealKey).toBe(seal)
})

test('a request that its sender has not signed is refused, and so is what is none', async () => {
  const request = await makeRequest('c1', newTlsKey())
  const [head = '', ...lines] = request.trim().split('\n')
  const der = Buffer.from(lines.slice(0, -1).join(''), 'base64')
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
  await expect(
    readRequest(`${head}\n${der.toString('base64')}\n${lines.at(-1)}\n`),
  ).rejects.toThrow(expect.objectContaining({ exitCode: 2 }))
  await expect(readRequest('hello')).rejects.toThrow(expect.objectContaining({ exitCode: 2 }))
  expect(() => checkSealKey('c2hvcnQ=')).toThrow(usage(/X25519/))
})

test.each([
  ['ECDSA P-384', () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' })],
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
])('a CA of your own signs as well: %s', async (_, generate) => {
  const dir = folder()
  const pair = generate()
  const own = await makeAuthority({
    organisation: 'Corp',
    key: pemOf(pair.privateKey),
    publicKey: spkiOf(pair.publicKey),
    span: { from: NOW - DAY, to: NOW + 900 * DAY },
    newSerial,
  })
  const given = { certificate: join(dir, 'corp.crt'), key: join(dir, 'corp.key') }
  writeFileSync(given.certificate, own.certificate)
  writeFileSync(given.key, own.key)
  const ca = caAt(join(dir, 'ca'))
  await initAuthority(ca, 'Corp', given)
  const { folder: bundle } = await issue(ca, wanted('controller', 'c1'))
  const certificate = certificateOf(bundle, 'tls.crt')
  expect(certificate.checkIssued(new X509Certificate(own.certificate))).toBe(true)
  expect(certificate.verify(createPublicKey(own.certificate))).toBe(true)
})

test('what is no CA, or not the key of it, is refused before anything is written', async () => {
  const ca = await newCa()
  const { folder: bundle } = await issue(ca, wanted('controller', 'c1'))
  const dir = folder()
  const target = caAt(join(dir, 'new'))
  const pairs = [
    { certificate: join(bundle, 'tls.crt'), key: join(bundle, 'tls.key') },
    { certificate: join(ca.dir, 'ca.crt'), key: join(bundle, 'tls.key') },
    { certificate: join(ca.dir, 'register.json'), key: join(ca.dir, 'ca.key') },
    { certificate: join(dir, 'missing'), key: join(ca.dir, 'ca.key') },
  ]
  for (const given of pairs) {
    await expect(initAuthority(target, 'Corp', given)).rejects.toThrow(
      expect.objectContaining({ exitCode: 2 }),
    )
  }
  expect(existsSync(target.dir)).toBe(false)
})

test('a certificate of a CA names its issuer byte by byte', async () => {
  const ca = await newCa()
  const authority = {
    certificate: readFileSync(join(ca.dir, 'ca.crt'), 'utf8'),
    key: readFileSync(join(ca.dir, 'ca.key'), 'utf8'),
  }
  const pem = await sign(
    authority,
    {
      organisation: 'Müller & Söhne 公司',
      name: 'x',
      publicKey: spkiOf(newTlsKey().publicKey),
      span: { from: NOW, to: NOW + DAY },
      user: 'om://om/hub/x/1',
      addresses: [],
    },
    newSerial,
  )
  expect(new X509Certificate(pem).issuer).toBe(new X509Certificate(authority.certificate).subject)
  expect(publicKeyOf(pem)).toHaveLength(91)
})

test('the certificate of a controller says whom slices may be sealed to, and that of others does not', async () => {
  const ca = await newCa()
  const { entry } = await issue(ca, wanted('controller', 'c1'))
  expect(await certifiedSealKey(entry.certificate)).toBe(entry.sealKey)
  const renewed = await renew(ca, 'c1', 700)
  expect(await certifiedSealKey(renewed.entry.certificate)).toBe(entry.sealKey)
  for (const kind of ['server', 'client'] as const) {
    const other = await issue(ca, wanted(kind, kind))
    expect(await certifiedSealKey(other.entry.certificate)).toBeUndefined()
  }
  const { publicKey: seal } = makeSealKeys()
  const keys = { tls: spkiOf(newTlsKey().publicKey), seal }
  const signed = await issue(ca, wanted('controller', 'far', { keys }))
  expect(await certifiedSealKey(signed.entry.certificate)).toBe(seal)
})

test('what bundles sign is proven by the certificates in them, whatever the IDC is called', async () => {
  const ca = caAt(join(folder(), 'ca'), Date.now())
  await initAuthority(ca, 'Acme')
  const web = await issue(ca, wanted('server', 'web-1.acme'))
  const c1 = await issue(ca, wanted('controller', 'c_1', { idc: '广州 2' }))
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const signingIn = async (bundle: string) => {
    const signing = await signingOf(natsOptionsOf(bundle), clock)
    if (!signing) throw new Error('no certificates')
    return signing
  }
  const [server, controller] = [await signingIn(web.folder), await signingIn(c1.folder)]
  const context = { what: 'slice', idc: '广州 2', key: 's' }
  const bytes = Buffer.from('text')
  const proven = controller.verify(context, bytes, await server.sign(context, bytes), ['server'])
  expect(proven.by).toEqual({ kind: 'server', idc: '广州 2', name: 'web-1.acme', generation: 1 })
  const who = { idc: '广州 2', name: 'c_1', sealKey: c1.entry.sealKey ?? '' }
  const hello = await signHello(controller, who)
  expect(checkHello(server, who, hello).certificate.sealKey).toBe(who.sealKey)
  const { publicKey: sealKey } = makeSealKeys()
  for (const posing of [
    { ...who, name: 'c2' },
    { ...who, idc: 'sz' },
    { ...who, sealKey },
  ]) {
    expect(() => checkHello(server, posing, hello)).toThrow()
  }
  // Also not with a signature of his own: his certificate has another name, or another key.
  for (const posing of [
    { ...who, name: 'c2' },
    { ...who, sealKey },
  ]) {
    const own = await signHello(controller, posing)
    expect(() => checkHello(server, posing, own)).toThrow(/is not c2|another sealing key/)
  }
})

test('ten commands at once in one folder wait for each other, and nothing is lost', async () => {
  const ca = await newCa()
  await issue(ca, wanted('server', 'web'))
  const names = Array.from({ length: 10 }, (_, n) => `c${n}`)
  await Promise.all(
    names.map((name) => issue(ca, wanted('controller', name, { idc: `d-${name}` }))),
  )
  const entries = () => readRegister(ca.dir).entries.map(({ name }) => name)
  expect(entries().toSorted()).toEqual([...names, 'web'])
  for (const name of names)
    expect(existsSync(join(ca.dir, 'web', 'idcs', `d-${name}.crt`))).toBe(true)
  await Promise.all([
    ...names.slice(5).map((name) => revoke(ca, name)),
    ...names.slice(0, 5).map((name) => renew(ca, name, 700)),
  ])
  const { entries: after } = readRegister(ca.dir)
  expect(after.filter(({ revokedAt }) => revokedAt !== undefined)).toHaveLength(5)
  expect(after.filter(({ endsAt }) => endsAt > NOW + 600 * DAY)).toHaveLength(5)
})

test('a command that fails lets the next one in, and what is no folder of a CA gets no lock', async () => {
  const ca = await newCa()
  await expect(aloneIn(ca.dir, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await aloneIn(ca.dir, () => 1)).toBe(1)
  const empty = folder()
  await expect(issue(caAt(empty), wanted('server', 'web'))).rejects.toThrow(usage(/om pki init/))
  expect(existsSync(join(empty, 'register.lock'))).toBe(false)
})
