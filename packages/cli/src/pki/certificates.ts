// X.509 as the channel between server and controllers needs it: an authority, what it signs, and requests to sign.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Certificate as X509Text,
} from '@peculiar/x509'
import { SEAL_KEY_OID, sealKeyValue } from './engine-access.ts'
import { reasonOf, refusal } from './refuse.ts'

export interface Authority {
  /** PEM. */
  readonly certificate: string
  readonly key: string
}

/** Milliseconds, UTC. */
export interface Span {
  readonly from: number
  readonly to: number
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }
const curves: Readonly<Record<string, { readonly curve: string; readonly hash: string }>> = {
  prime256v1: { curve: 'P-256', hash: 'SHA-256' },
  secp384r1: { curve: 'P-384', hash: 'SHA-384' },
}

const algorithmOf = (key: KeyObject) => {
  const known = curves[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (known) {
    return {
      key: { name: 'ECDSA', namedCurve: known.curve },
      sign: { name: 'ECDSA', hash: known.hash },
    }
  }
  if (key.asymmetricKeyType === 'rsa') {
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    return { key: rsa, sign: rsa }
  }
  throw refusal(
    'CA 私钥应为 ECDSA（P-256、P-384）或 RSA。',
    'The key of a CA is ECDSA (P-256, P-384) or RSA.',
  )
}

const signerOf = async (pem: string) => {
  const key = createPrivateKey(pem)
  const algorithm = algorithmOf(key)
  return { key: await key.toCryptoKey(algorithm.key, false, ['sign']), algorithm: algorithm.sign }
}

const nameOf = (organisation: string, name: string): Record<string, string[]>[] => [
  { O: [organisation] },
  { CN: [name] },
]

/** A positive number of 127 random bits, in hex. */
export type NewSerial = () => string

/** A certificate that signs itself and others, and no further authorities. */
export const makeAuthority = async (options: {
  readonly organisation: string
  readonly key: string
  readonly publicKey: Uint8Array
  readonly span: Span
  readonly newSerial: NewSerial
}): Promise<Authority> => {
  const { key, algorithm } = await signerOf(options.key)
  const publicKey = new PublicKey(options.publicKey)
  const name = nameOf(options.organisation, `${options.organisation} OMServer CA`.slice(0, 64))
  const certificate = await X509CertificateGenerator.create({
    serialNumber: options.newSerial(),
    subject: name,
    issuer: name,
    notBefore: new Date(options.span.from),
    notAfter: new Date(options.span.to),
    publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: options.key }
}

/** Throws ExitError when the two are no authority that can sign now. */
export const checkAuthority = ({ certificate, key }: Authority, now: number): X509Certificate => {
  let parsed: X509Certificate
  let own: KeyObject
  try {
    parsed = new X509Certificate(certificate)
    own = createPrivateKey(key)
  } catch (error) {
    throw refusal(
      `读不懂 CA 的证书或私钥（PEM，私钥不加密）：${reasonOf(error)}`,
      `The certificate or the key of the CA cannot be read (PEM, the key without a passphrase): ${reasonOf(error)}`,
    )
  }
  if (!parsed.ca) {
    throw refusal('该证书不是 CA 证书。', 'This is not the certificate of a CA.')
  }
  if (!parsed.checkPrivateKey(own)) {
    throw refusal(
      'CA 的证书与私钥不匹配。',
      'The key does not belong to the certificate of the CA.',
    )
  }
  algorithmOf(own)
  const isAlone = certificate.split('-----BEGIN CERTIFICATE-----').length === 2
  if (isAlone && parsed.issuer !== parsed.subject) {
    throw refusal(
      '这是中级 CA：证书文件里请在其后附上根 CA 的证书，否则对方无法验证。',
      'This CA is signed by another: put the certificates up to the root behind it in the file, or nobody can verify it.',
    )
  }
  if (Date.parse(parsed.validTo) <= now) {
    throw refusal(`CA 证书已于 ${parsed.validTo} 过期。`, `The CA ended on ${parsed.validTo}.`)
  }
  return parsed
}

export interface ToSign {
  readonly organisation: string
  readonly name: string
  /** SPKI, DER. */
  readonly publicKey: Uint8Array
  readonly span: Span
  /** Who the holder is for nats-server; absent: it only shows itself to others. */
  readonly user?: string
  /** DNS names and IP addresses under which it is reached; none: it only reaches others. */
  readonly addresses: readonly string[]
  /** Base64: the CA says that what is sealed to it is sealed to the holder. */
  readonly sealKey?: string
}

/** PEM. It never lasts longer than its authority. */
export const sign = async (
  authority: Authority,
  wanted: ToSign,
  newSerial: NewSerial,
): Promise<string> => {
  const { key, algorithm } = await signerOf(authority.key)
  const issuer = new X509Text(authority.certificate)
  const publicKey = new PublicKey(wanted.publicKey)
  const usages = [
    ...(wanted.user === undefined ? [] : [ExtendedKeyUsage.clientAuth]),
    ...(wanted.addresses.length === 0 ? [] : [ExtendedKeyUsage.serverAuth]),
  ]
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: nameOf(wanted.organisation, wanted.name),
    issuer: issuer.subjectName,
    notBefore: new Date(Math.max(wanted.span.from, issuer.notBefore.getTime())),
    notAfter: new Date(Math.min(wanted.span.to, issuer.notAfter.getTime())),
    publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(usages),
      new SubjectAlternativeNameExtension([
        ...(wanted.user === undefined ? [] : [{ type: 'url' as const, value: wanted.user }]),
        ...wanted.addresses.map((value) =>
          isIP(value) ? { type: 'ip' as const, value } : { type: 'dns' as const, value },
        ),
      ]),
      ...(wanted.sealKey === undefined
        ? []
        : [new Extension(SEAL_KEY_OID, false, sealKeyValue(wanted.sealKey))]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** PEM of a request for this key. */
export const makeRequest = async (
  name: string,
  pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
): Promise<string> => {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys: {
      privateKey: await pair.privateKey.toCryptoKey(P256, false, ['sign']),
      publicKey: await pair.publicKey.toCryptoKey(P256, true, ['verify']),
    },
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  })
  return `${request.toString('pem')}\n`
}

/** The public key (SPKI, DER) of a request whose sender has the private one. Its names are not believed. */
export const readRequest = async (pem: string): Promise<Uint8Array> => {
  try {
    const request = new Pkcs10CertificateRequest(pem)
    if (await request.verify()) return new Uint8Array(request.publicKey.rawData)
  } catch (error) {
    throw refusal(
      `读不懂证书请求（PEM）：${reasonOf(error)}`,
      `The request cannot be read (PEM): ${reasonOf(error)}`,
    )
  }
  throw refusal('证书请求的签名不对。', 'The request is not signed with the key that it names.')
}
