// The certificate the server shows: a given one, or one of its own making, kept in the data folder.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { Problem } from '@omserver/core'
import { generate } from 'selfsigned'

export type TlsChoice =
  | { readonly kind: 'given'; readonly certFile: string; readonly keyFile: string }
  | { readonly kind: 'selfMade' }

export interface TlsFiles {
  /** PEM. */
  readonly cert: string
  readonly key: string
  /** SHA-256 of the certificate, as browsers show it; for people to compare. */
  readonly fingerprint: string
}

/** Throws Problem('TLS_FILE_BAD', {file, reason}). */
export const openTls = async (
  choice: TlsChoice,
  context: { readonly dataDir: string; readonly host: string; readonly now: () => number },
): Promise<TlsFiles> => {
  if (choice.kind === 'given') return readPair(choice.certFile, choice.keyFile, context.now())
  const folder = join(context.dataDir, 'tls')
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  if (!existsSync(files.cert) || !existsSync(files.key) || endsSoon(files.cert, context.now())) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const made = await selfMade(context.host, context.now())
    writeFileSync(files.key, made.private, { mode: 0o600 })
    writeFileSync(files.cert, made.cert, { mode: 0o644 })
  }
  return readPair(files.cert, files.key, context.now())
}

const DAY_MS = 86_400_000
/** What browsers still accept of a certificate: Apple refuses longer ones. */
const VALID_DAYS = 820

const endsSoon = (file: string, now: number): boolean => {
  try {
    return Date.parse(new X509Certificate(readFileSync(file)).validTo) - now < 30 * DAY_MS
  } catch {
    return true
  }
}

const selfMade = (host: string, now: number) => {
  const addresses = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address.replace(/%.*$/, '')),
  )
  const names = new Set(['localhost', hostname()])
  const ips = new Set(['127.0.0.1', '::1', ...addresses])
  if (/^[\d.]+$|:/.test(host)) ips.add(host)
  else names.add(host)
  for (const any of ['0.0.0.0', '::']) ips.delete(any)
  return generate([{ name: 'commonName', value: `OMServer ${hostname()}`.slice(0, 64) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...[...names].map((value) => ({ type: 2 as const, value })),
          ...[...ips].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
}

const readPair = (certFile: string, keyFile: string, now: number): TlsFiles => {
  const cert = readPem(certFile)
  const key = readPem(keyFile)
  const certificate = parsed(certFile, () => new X509Certificate(cert))
  const privateKey = parsed(keyFile, () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) {
    throw bad(certFile, {
      zh: `与私钥 ${keyFile} 不匹配`,
      en: `it does not belong to the key ${keyFile}`,
    })
  }
  if (Date.parse(certificate.validTo) <= now) {
    throw bad(certFile, {
      zh: `已于 ${certificate.validTo} 过期`,
      en: `it expired on ${certificate.validTo}`,
    })
  }
  parsed(certFile, () => createSecureContext({ cert, key }))
  return { cert, key, fingerprint: certificate.fingerprint256 }
}

const readPem = (file: string): string => parsed(file, () => readFileSync(file, 'utf8'))

const parsed = <T>(file: string, parse: () => T): T => {
  try {
    return parse()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw bad(file, { zh: message, en: message })
  }
}

const bad = (file: string, reason: { readonly zh: string; readonly en: string }): Problem =>
  new Problem('TLS_FILE_BAD', { file, reason: { ...reason } })

/** Beyond loopback a password must not travel in clear text unless somebody has said that it may. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/** Throws Problem('TLS_REQUIRED', {host}). */
export const requireTls = (options: {
  readonly host: string
  readonly tls: boolean
  readonly allowHttp: boolean
}): void => {
  if (options.tls || options.allowHttp || isLoopback(options.host)) return
  throw new Problem('TLS_REQUIRED', { host: options.host })
}
