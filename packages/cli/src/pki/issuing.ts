// What a CA does: it issues identities, renews and revokes them, and keeps the register of it.

import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  bundleFiles,
  idcFile,
  identityText,
  makeFolder,
  newSealFiles,
  newTlsKey,
  pemOf,
  placeFile,
  placeText,
  publicKeyOf,
  spkiOf,
  writePublic,
  writeSecret,
} from './bundle.ts'
import { aloneIn } from './ca-lock.ts'
import { type Authority, checkAuthority, type NewSerial, sign } from './certificates.ts'
import { type Identity, PREFIX, userNameOf } from './identity.ts'
import { reasonOf, refusal } from './refuse.ts'
import {
  type Entry,
  idcsOf,
  leafOf,
  ofKind,
  present,
  type Register,
  readRegister,
  writeRegister,
} from './register.ts'

export interface CaFolder {
  readonly dir: string
  readonly now: number
  readonly newSerial: NewSerial
}

export const authorityFiles = { certificate: 'ca.crt', key: 'ca.key' } as const

const DAY_MS = 86_400_000
/** Clocks of other machines may be behind ours. */
const BACKDATED_MS = 60 * 60 * 1000

export interface Issued {
  readonly entry: Entry
  readonly folder: string
  /** Certificates that servers got for IDCs that are new to them: files to carry to those servers. */
  readonly forServers: readonly {
    readonly server: string
    readonly idc: string
    readonly file: string
  }[]
}

export interface Wanted extends Pick<Identity, 'kind' | 'name' | 'idc'> {
  readonly addresses: readonly string[]
  /** Where nats-server is; none: at the addresses of the nats certificates that were issued. */
  readonly servers: readonly string[]
  readonly days: number
  /** Of a holder that keeps its keys to itself. */
  readonly keys?: { readonly tls: Uint8Array; readonly seal?: string }
}

const openAuthority = ({ dir, now }: CaFolder): Authority => {
  let authority: Authority
  try {
    authority = {
      certificate: readFileSync(join(dir, authorityFiles.certificate), 'utf8'),
      key: readFileSync(join(dir, authorityFiles.key), 'utf8'),
    }
  } catch (error) {
    throw refusal(
      `读不了 ${dir} 中 CA 的证书或私钥：${reasonOf(error)}`,
      `The certificate or the key of the CA in ${dir} cannot be read: ${reasonOf(error)}`,
    )
  }
  checkAuthority(authority, now)
  return authority
}

const NATS_PORT = 4222

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')

/** Loopback is told to nobody who could be elsewhere, unless there is nothing else to tell. */
export const reachable = (addresses: readonly string[]): readonly string[] => {
  const afar = addresses.filter((host) => !isLoopback(host))
  return afar.length > 0 ? afar : addresses
}

/** Of an IDC that has a nats-server of its own, its people connect there. */
const serversOf = (register: Register, { kind, idc, servers }: Wanted): readonly string[] => {
  if (kind === 'nats' || servers.length > 0) return servers
  const leaf = leafOf(register, idc)
  const hubs = ofKind(register, 'nats').filter((entry) => entry.idc === undefined)
  const known = (leaf ? [leaf] : hubs).flatMap(({ addresses }) => addresses)
  return reachable(known).map(
    (host) => `tls://${host.includes(':') ? `[${host}]` : host}:${NATS_PORT}`,
  )
}

/** With the CA's hand: signs, and says when what it signed ends. */
const signing = (ca: CaFolder, register: Register) => {
  const authority = openAuthority(ca)
  return async (
    identity: Identity & Pick<Entry, 'addresses' | 'sealKey'>,
    publicKey: Uint8Array,
    to: number,
    account: 'hub' | { readonly idc: string } = 'hub',
  ): Promise<{ readonly pem: string; readonly endsAt: number }> => {
    const pem = await sign(
      authority,
      {
        organisation: register.organisation,
        name: identity.name,
        publicKey,
        span: { from: ca.now - BACKDATED_MS, to },
        user: userNameOf(identity, account),
        addresses: identity.addresses,
        sealKey: identity.kind === 'controller' ? identity.sealKey : undefined,
      },
      ca.newSerial,
    )
    return { pem, endsAt: Date.parse(new X509Certificate(pem).validTo) }
  }
}

/** Servers reach every IDC: whoever of them lacks a certificate for one, or where its streams lie, gets it. */
const completeServers = async (
  ca: CaFolder,
  register: Register,
  which: { readonly server?: string } = {},
): Promise<Issued['forServers']> => {
  const signFor = signing(ca, register)
  const made: { server: string; idc: string; file: string }[] = []
  for (const entry of ofKind(register, 'server')) {
    const folder = join(ca.dir, entry.name)
    for (const idc of idcsOf(register)) {
      mkdirSync(join(folder, bundleFiles.idcs), { recursive: true, mode: 0o700 })
      const place = placeFile(folder, idc)
      if (leafOf(register, idc) && !existsSync(place)) {
        writePublic(place, placeText(idc))
        made.push({ server: entry.name, idc, file: place })
      }
      const file = idcFile(folder, idc)
      if (existsSync(file) && which.server !== entry.name) continue
      const { pem } = await signFor(entry, publicKeyOf(entry.certificate), entry.endsAt, { idc })
      writePublic(file, pem)
      made.push({ server: entry.name, idc, file })
    }
  }
  return made
}

const writeCertificates = (ca: CaFolder, folder: string, entry: Entry): void => {
  const authority = readFileSync(join(ca.dir, authorityFiles.certificate), 'utf8')
  writePublic(join(folder, bundleFiles.ca), authority)
  writePublic(join(folder, bundleFiles.certificate), entry.certificate)
  if (entry.kind === 'nats') return
  const { kind, name, idc, servers, sealKey = '' } = entry
  const identity = { kind, name, idc, prefix: PREFIX, servers: [...servers], sealKey }
  writePublic(join(folder, bundleFiles.identity), identityText(identity))
}

/** `work` with the register as it is, and nobody else at it. */
const withRegister = async <T>(
  ca: CaFolder,
  work: (register: Register) => T | Promise<T>,
): Promise<T> => {
  // Before there is a lock in it: what is no folder of a CA stays as it is.
  readRegister(ca.dir)
  return aloneIn(ca.dir, () => work(readRegister(ca.dir)))
}

/** Refuses a name that is in use. What was revoked may be issued again: as another. */
export const issue = (ca: CaFolder, wanted: Wanted): Promise<Issued> =>
  withRegister(ca, (register) => issueIn(ca, register, wanted))

const issueIn = async (ca: CaFolder, register: Register, wanted: Wanted): Promise<Issued> => {
  const { kind, name, idc, addresses, days } = wanted
  if (present(register, name)) {
    throw refusal(
      `名称 ${name} 已在使用。续期用 om pki renew ${name}；要换新的，先 om pki revoke ${name}。`,
      `The name ${name} is in use. To prolong it: om pki renew ${name}; to replace it, first om pki revoke ${name}.`,
    )
  }
  const leaf = kind === 'nats' ? leafOf(register, idc) : undefined
  if (leaf) {
    throw refusal(
      `机房 ${idc} 已有自己的 nats-server（${leaf.name}）。`,
      `The IDC ${idc} has a nats-server of its own already: ${leaf.name}.`,
    )
  }
  const servers = serversOf(register, wanted)
  const generation = 1 + register.entries.filter((entry) => entry.name === name).length
  const identity = { kind, name, idc, generation, addresses }
  const folder = join(ca.dir, name)
  const tls = newTlsKey()
  const publicKey = wanted.keys?.tls ?? spkiOf(tls.publicKey)
  const to = ca.now + days * DAY_MS
  const signFor = signing(ca, register)
  makeFolder(folder)
  try {
    if (!wanted.keys) writeSecret(join(folder, bundleFiles.key), pemOf(tls.privateKey))
    const sealKey =
      kind === 'nats' ? undefined : wanted.keys ? wanted.keys.seal : newSealFiles(folder)
    const holder = { ...identity, sealKey }
    const { pem: certificate, endsAt } = await signFor(holder, publicKey, to)
    const entry: Entry = { ...holder, servers, certificate, issuedAt: ca.now, endsAt }
    writeCertificates(ca, folder, entry)
    const next = { ...register, entries: [...register.entries, entry] }
    writeRegister(ca.dir, next)
    return { entry, folder, forServers: await completeServers(ca, next) }
  } catch (error) {
    if (!present(readRegister(ca.dir), name)) rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

const presentOrRefuse = (register: Register, name: string): Entry => {
  const entry = present(register, name)
  if (entry) return entry
  throw refusal(
    `没有名为 ${name} 的有效身份（om pki list 可查看）。`,
    `Nobody of the name ${name} is enrolled (om pki list shows who is).`,
  )
}

/** The same keys, the same user of nats-server, a later end. The certificate before it stays good until its own. */
export const renew = (ca: CaFolder, name: string, days: number): Promise<Issued> =>
  withRegister(ca, (register) => renewIn(ca, register, name, days))

const renewIn = async (
  ca: CaFolder,
  register: Register,
  name: string,
  days: number,
): Promise<Issued> => {
  const before = presentOrRefuse(register, name)
  const publicKey = publicKeyOf(before.certificate)
  const signFor = signing(ca, register)
  const { pem, endsAt } = await signFor(before, publicKey, ca.now + days * DAY_MS)
  const entry: Entry = { ...before, certificate: pem, endsAt, issuedAt: ca.now }
  const entries = register.entries.map((known) => (known === before ? entry : known))
  const next = { ...register, entries }
  const folder = join(ca.dir, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeCertificates(ca, folder, entry)
  writeRegister(ca.dir, next)
  return { entry, folder, forServers: await completeServers(ca, next, { server: name }) }
}

type WithIdcs = { readonly register: Register } & Pick<Issued, 'forServers'>

/** IDCs that nobody is enrolled in yet. Servers that lack a certificate for an IDC get it. */
export const addIdcs = async (ca: CaFolder, idcs: readonly string[]): Promise<WithIdcs> => {
  const register = readRegister(ca.dir)
  if (newOnes(register, idcs).length === 0) return { register, forServers: [] }
  return withRegister(ca, (before) => addIdcsIn(ca, before, newOnes(before, idcs)))
}

const newOnes = (register: Register, idcs: readonly string[]): readonly string[] => {
  const known = idcsOf(register)
  return [...new Set(idcs)].filter((idc) => !known.includes(idc))
}

const addIdcsIn = async (
  ca: CaFolder,
  before: Register,
  added: readonly string[],
): Promise<WithIdcs> => {
  const register = { ...before, idcs: [...(before.idcs ?? []), ...added] }
  writeRegister(ca.dir, register)
  return { register, forServers: await completeServers(ca, register) }
}

/** Only the register says so: nats-server hears of it with its next configuration. The bundle is put aside. */
export const revoke = (ca: CaFolder, name: string): Promise<Entry> =>
  withRegister(ca, (register) => revokeIn(ca, register, name))

const revokeIn = (ca: CaFolder, register: Register, name: string): Entry => {
  const before = presentOrRefuse(register, name)
  const entry: Entry = { ...before, revokedAt: ca.now }
  const entries = register.entries.map((known) => (known === before ? entry : known))
  writeRegister(ca.dir, { ...register, entries })
  const folder = join(ca.dir, name)
  const aside = `${folder}.revoked-${entry.generation}`
  if (existsSync(folder) && !existsSync(aside)) renameSync(folder, aside)
  return entry
}
