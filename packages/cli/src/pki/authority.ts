// Makes the folder of a CA: one of its own, or one that was there before.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newTlsKey, pemOf, spkiOf, writePublic, writeSecret } from './bundle.ts'
import { type Authority, checkAuthority, makeAuthority } from './certificates.ts'
import { authorityFiles, type CaFolder } from './issuing.ts'
import { reasonOf, refusal } from './refuse.ts'
import { writeRegister } from './register.ts'

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3652

const readGiven = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw refusal(`读不了 ${file}：${reasonOf(error)}`, `Cannot read ${file}: ${reasonOf(error)}`)
  }
}

/** Never overwrites. Returns when the CA ends, in milliseconds UTC. */
export const initAuthority = async (
  ca: CaFolder,
  organisation: string,
  given?: { readonly certificate: string; readonly key: string },
): Promise<number> => {
  const { dir, now, newSerial } = ca
  if (organisation.length === 0 || organisation.length > 64) {
    throw refusal('--name 应为 1 到 64 个字符。', '--name takes 1 to 64 characters.')
  }
  const files = Object.values(authorityFiles)
  const taken = [...files, 'register.json'].find((file) => existsSync(join(dir, file)))
  if (taken) {
    throw refusal(
      `${join(dir, taken)} 已经存在，不会覆盖。`,
      `${join(dir, taken)} is there already, and is not overwritten.`,
    )
  }
  const made = async (): Promise<Authority> => {
    const pair = newTlsKey()
    return makeAuthority({
      organisation,
      key: pemOf(pair.privateKey),
      publicKey: spkiOf(pair.publicKey),
      span: { from: now - DAY_MS, to: now + AUTHORITY_DAYS * DAY_MS },
      newSerial,
    })
  }
  const authority = given
    ? { certificate: readGiven(given.certificate), key: readGiven(given.key) }
    : await made()
  const { validTo } = checkAuthority(authority, now)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeSecret(join(dir, authorityFiles.key), authority.key)
  writePublic(join(dir, authorityFiles.certificate), authority.certificate)
  writeRegister(dir, { version: 1, organisation, entries: [] })
  return Date.parse(validTo)
}
