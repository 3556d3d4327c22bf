// A CA as somebody may bring one, and certificates of it: files as a bundle of `om pki` has them.

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  Extension,
  PublicKey,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { onTestFinished } from 'vitest'
import type { NatsTls } from '../../nats/nats-options.ts'
import { openFileSigning } from '../file-signing.ts'
import { SEAL_KEY_OID, sealKeyValue } from '../seal-key-extension.ts'
import type { Signing } from '../signing.ts'

export const DAY = 86_400_000

const kinds = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const
export type KeyKind = keyof typeof kinds

interface Pair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface TestCa {
  /** With those above it. */
  readonly pem: string
  intermediate(kind: KeyKind): Promise<TestCa>
  issue(wanted: {
    readonly uri?: string
    readonly dns?: string
    readonly from?: number
    readonly to?: number
    readonly key?: KeyKind
    readonly sealKey?: string
    /** May issue others. */
    readonly ca?: boolean
  }): Promise<Required<NatsTls>>
}

let serial = 0

export const testCa = async (
  kind: KeyKind = 'P-256',
  above?: {
    readonly pem: string
    readonly name: string
    readonly key: Pair
    readonly kind: KeyKind
  },
): Promise<TestCa> => {
  const key: Pair = kinds[kind]()
  const name = `CN=Test ${kind} ${above ? 'below' : 'root'}`
  const made = async (
    subject: string,
    of: Pair,
    signer: { readonly name: string; readonly key: Pair; readonly kind: KeyKind },
    span: readonly [number, number],
    extensions: readonly Extension[],
  ): Promise<string> => {
    const [signing, algorithm] = await signerOf(signer)
    const certificate = await X509CertificateGenerator.create({
      serialNumber: `40${(++serial).toString(16).padStart(10, '0')}`,
      subject,
      issuer: signer.name,
      notBefore: new Date(span[0]),
      notAfter: new Date(span[1]),
      publicKey: new PublicKey(
        new Uint8Array(of.publicKey.export({ type: 'spki', format: 'der' })),
      ),
      signingKey: signing,
      signingAlgorithm: algorithm,
      extensions: [...extensions],
    })
    return `${certificate.toString('pem')}\n`
  }
  const always = [Date.now() - 100 * DAY, Date.now() + 1000 * DAY] as const
  const isCa = new BasicConstraintsExtension(true, undefined, true)
  const own = await made(name, key, above ?? { name, key, kind }, always, [isCa])
  const pem = own + (above?.pem ?? '')
  return {
    pem,
    intermediate: (below) => testCa(below, { pem, name, key, kind }),
    async issue({ uri, dns, from, to, key: wantedKey = 'P-256', sealKey, ca = false }) {
      const pair = kinds[wantedKey]()
      const names = [
        ...(dns === undefined ? [] : [{ type: 'dns' as const, value: dns }]),
        ...(uri === undefined ? [] : [{ type: 'url' as const, value: uri }]),
      ]
      const span = [from ?? Date.now() - DAY, to ?? Date.now() + DAY] as const
      const certificate = await made('CN=holder', pair, { name, key, kind }, span, [
        new BasicConstraintsExtension(ca, undefined, true),
        ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
        ...(sealKey === undefined
          ? []
          : [new Extension(SEAL_KEY_OID, false, sealKeyValue(sealKey))]),
      ])
      return filesOf({
        'ca.crt': pem,
        'tls.crt': certificate,
        'tls.key': pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      })
    },
  }
}

const signerOf = async ({ key, kind }: { readonly key: Pair; readonly kind: KeyKind }) => {
  if (kind === 'RSA') {
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    return [await key.privateKey.toCryptoKey(rsa, false, ['sign']), rsa] as const
  }
  const curve = { name: 'ECDSA', namedCurve: kind }
  const hash = { name: 'ECDSA', hash: kind === 'P-384' ? 'SHA-384' : 'SHA-256' }
  return [await key.privateKey.toCryptoKey(curve, false, ['sign']), hash] as const
}

const filesOf = (files: Readonly<Record<string, string>>): Required<NatsTls> => {
  const dir = mkdtempSync(join(tmpdir(), 'om-signing-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return {
    caFile: join(dir, 'ca.crt'),
    certFile: join(dir, 'tls.crt'),
    keyFile: join(dir, 'tls.key'),
  }
}

/** Of who holds these files. */
export const signingWith = (
  tls: Required<NatsTls>,
  clock: { readonly now?: () => number; readonly monotonic?: () => number } = {},
): Promise<Signing> =>
  openFileSigning({
    caFile: tls.caFile,
    tlsOf: async () => tls,
    now: clock.now ?? (() => Date.now()),
    monotonic: clock.monotonic ?? (() => performance.now()),
  })
