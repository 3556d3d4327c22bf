// Certificates as a certmaster has them, made by openssl when a test asks for them.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Pair {
  readonly cert: string
  readonly key: string
}

export interface TestCertmaster {
  readonly ca: string
  /** The overlord uses the CA's own pair. */
  readonly pair: Pair
  issue(
    name: string,
    how?: {
      /** Absent: none, as certificates before 2011. */
      readonly alternative?: string
      readonly expired?: boolean
      /** A small RSA key signed with SHA-1. */
      readonly old?: boolean
    },
  ): Pair
  close(): void
}

const subject = (name: string): string => `/O=certmaster/OU=slave-key/CN=${name}`

export const testCertmaster = (old = false): TestCertmaster => {
  const folder = mkdtempSync(join(tmpdir(), 'om-certmaster-'))
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const newKey = (file: string, weak: boolean): void =>
    weak
      ? openssl('genrsa', '-out', file, '1024')
      : openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file)
  newKey('ca.key', old)
  writeFileSync(
    at('ca.conf'),
    '[req]\ndistinguished_name=n\nx509_extensions=ca\n[n]\n[ca]\nbasicConstraints=critical,CA:true\n',
  )
  const hash = old ? '-sha1' : '-sha256'
  openssl(
    ...['req', '-x509', '-new', '-key', 'ca.key', '-out', 'ca.crt', '-days', '30', hash],
    ...['-subj', '/CN=certmaster-CA', '-config', 'ca.conf'],
  )
  const read = (name: string): string => readFileSync(at(name), 'utf8')
  let count = 0
  return {
    ca: read('ca.crt'),
    pair: { cert: read('ca.crt'), key: read('ca.key') },
    issue(name, { alternative, expired, old: weak = old } = {}) {
      const id = `c${++count}`
      newKey(`${id}.key`, weak)
      openssl('req', '-new', '-key', `${id}.key`, '-subj', subject(name), '-out', `${id}.csr`)
      writeFileSync(
        at(`${id}.ext`),
        alternative === undefined ? '' : `subjectAltName=${alternative}\n`,
      )
      openssl(
        ...['x509', '-req', '-in', `${id}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key'],
        ...['-set_serial', String(count), '-out', `${id}.crt`, weak ? '-sha1' : '-sha256'],
        ...['-days', expired ? '-1' : '30', '-extfile', `${id}.ext`],
      )
      return { cert: read(`${id}.crt`), key: read(`${id}.key`) }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
