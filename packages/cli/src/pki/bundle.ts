// The folder that is carried to whoever holds an identity: certificates, keys, and where nats-server is.

import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  domainOf,
  isSealKey,
  makeSealKeys,
  type NatsOptions,
  nameOfToken,
  tokenOf,
} from './engine-access.ts'
import { type IdentityKind, identityKinds } from './identity.ts'
import { reasonOf, refusal } from './refuse.ts'

export const bundleFiles = {
  ca: 'ca.crt',
  certificate: 'tls.crt',
  key: 'tls.key',
  request: 'tls.csr',
  identity: 'identity.json',
  /** Private X25519, PKCS#8 PEM. */
  sealKey: 'seal.key',
  /** Public X25519: the 32 bytes in base64. */
  sealPublic: 'seal.pub',
  /** Of a server: one certificate for the account of each IDC, with the same key, and where its streams lie. */
  idcs: 'idcs',
} as const

const identitySchema = z.object({
  kind: z.enum(identityKinds).exclude(['nats']),
  name: z.string(),
  idc: z.string().optional(),
  prefix: z.string(),
  servers: z.array(z.string()),
  sealKey: z.string(),
})
export type IdentityFile = z.infer<typeof identitySchema>

export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export const newTlsKey = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

export const pemOf = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()
export const spkiOf = (key: KeyObject): Uint8Array => key.export({ type: 'spki', format: 'der' })
/** The content of a seal.pub. */
export const checkSealKey = (text: string): string => {
  const key = text.trim()
  if (isSealKey(key)) return key
  throw refusal(
    '封装公钥应为 32 字节 X25519 公钥的 base64（见 seal.pub）。',
    'The sealing key is the base64 of the 32 bytes of a public X25519 key, as in seal.pub.',
  )
}

export const idcFile = (folder: string, idc: string): string =>
  join(folder, bundleFiles.idcs, `${tokenOf(idc)}.crt`)

/** Of a server: that the IDC has a nats-server of its own. */
export const placeFile = (folder: string, idc: string): string =>
  join(folder, bundleFiles.idcs, `${tokenOf(idc)}.json`)

const placeSchema = z.object({ domain: z.string() })
export const placeText = (idc: string): string =>
  `${JSON.stringify(placeSchema.parse({ domain: domainOf(idc) }))}\n`

/** Those that the server of this folder has a certificate for. */
export const idcsIn = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(join(folder, bundleFiles.idcs)).catch(() => [])
  return names.flatMap((name) => (name.endsWith('.crt') ? [nameOfToken(name.slice(0, -4))] : []))
}

/** Refuses a folder that has anything in it. */
export const makeFolder = (folder: string): void => {
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error('EEXIST')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw refusal(
      `不能使用 ${folder}（${reasonOf(error)}）：这里需要一个新的或空的目录，已有的文件不会被覆盖。`,
      `${folder} cannot be used (${reasonOf(error)}): a new or empty folder is needed, and nothing is ever overwritten.`,
    )
  }
}

export const writePublic = (file: string, content: string): void =>
  writeFileSync(file, content, { mode: 0o644 })

export const writeSecret = (file: string, content: string): void =>
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' })

/** Its public half. */
export const newSealFiles = (folder: string): string => {
  const { privateKey, publicKey } = makeSealKeys()
  writeSecret(join(folder, bundleFiles.sealKey), privateKey)
  return publicKey
}

export const publicKeyOf = (certificate: string): Uint8Array => spkiOf(createPublicKey(certificate))

export const identityText = (
  entry: Omit<IdentityFile, 'kind'> & { readonly kind: IdentityKind },
): string => `${JSON.stringify(identitySchema.parse(entry), null, 2)}\n`

/** Throws ExitError when the folder holds no identity. */
export const readIdentity = (folder: string): IdentityFile => {
  try {
    return identitySchema.parse(
      JSON.parse(readFileSync(join(folder, bundleFiles.identity), 'utf8')),
    )
  } catch (error) {
    throw refusal(
      `${folder} 里没有可用的身份（${bundleFiles.identity}：${reasonOf(error)}）。`,
      `${folder} holds no identity (${bundleFiles.identity}: ${reasonOf(error)}).`,
    )
  }
}

/** What the engine needs to connect as the holder of this folder. Throws ExitError when it is none. */
export const natsOptionsOf = (
  folder: string,
): Required<Pick<NatsOptions, 'servers' | 'identity' | 'role' | 'prefix' | 'tls'>> &
  Pick<NatsOptions, 'accounts'> => {
  const identity = readIdentity(folder)
  const tls = {
    caFile: join(folder, bundleFiles.ca),
    certFile: join(folder, bundleFiles.certificate),
    keyFile: join(folder, bundleFiles.key),
  }
  const own = { servers: identity.servers, identity: identity.name, prefix: identity.prefix, tls }
  if (identity.kind !== 'server') return { ...own, role: identity.kind }
  const reach = async (idc: string) => {
    const certFile = idcFile(folder, idc)
    if (!existsSync(certFile)) {
      throw new Error(`no certificate for the account of ${idc}: ${certFile} is missing`)
    }
    const placed = existsSync(placeFile(folder, idc))
    return {
      tls: { ...tls, certFile },
      ...(placed && placeSchema.parse(JSON.parse(readFileSync(placeFile(folder, idc), 'utf8')))),
    }
  }
  return { ...own, role: 'server', accounts: { reach } }
}
