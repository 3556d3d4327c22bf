// Keys made by the real ssh-keygen and by openssl's formats, read back by ssh-keygen and by ssh2.

import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem, Text } from '@omserver/core'
import { afterAll, describe, expect, it } from 'vitest'
import { fingerprintOf } from '../fingerprint.ts'
import { generateKey, readPrivateKey } from './private-key.ts'

const dir = mkdtempSync(join(tmpdir(), 'om-key-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
let made = 0

/** What ssh-keygen itself says of our stored form: its public key, and that it can sign with it. */
const askKeygen = (privateKey: string) => {
  const file = join(dir, `stored-${made++}`)
  writeFileSync(file, privateKey, { mode: 0o600 })
  writeFileSync(`${file}.txt`, 'signed')
  execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'file', '-f', file, `${file}.txt`], {
    stdio: 'pipe',
  })
  return execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' })
    .trim()
    .split(' ')
    .slice(0, 2)
    .join(' ')
}
const keygen = (...args: string[]) => {
  const file = join(dir, `made-${made++}`)
  execFileSync('ssh-keygen', ['-q', '-C', 'me@here', '-f', file, ...args])
  const publicKey = readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ')
  const shown = execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' })
  return { text: readFileSync(file, 'utf8'), publicKey, fingerprint: shown.split(' ')[1] }
}
/** The code, and of a bad key the reason in English. */
const code = (of: Promise<unknown>): Promise<string> =>
  of.then(
    () => 'fine',
    (error: Problem) => {
      const reason = error.details.reason as unknown as Text | undefined
      return reason ? `${error.code}: ${reason.en}` : error.code
    },
  )

describe('a private key', () => {
  const forms: [string, ...string[]][] = [
    ['ed25519', '-t', 'ed25519'],
    ['rsa', '-t', 'rsa', '-b', '2048'],
    ['ecdsa 256', '-t', 'ecdsa', '-b', '256'],
    ['ecdsa 521', '-t', 'ecdsa', '-b', '521'],
    ['rsa PEM', '-t', 'rsa', '-b', '2048', '-m', 'PEM'],
    ['rsa PKCS#8', '-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
    ['ecdsa 384 PEM', '-t', 'ecdsa', '-b', '384', '-m', 'PEM'],
  ]
  it.each(forms)('%s is stored so that ssh-keygen reads the same key', async (_, ...args) => {
    const key = keygen('-N', '', ...args)
    const checked = await readPrivateKey(key.text.replaceAll('\n', '\r\n'))
    expect(checked.publicKey).toBe(key.publicKey)
    expect(askKeygen(checked.privateKey)).toBe(key.publicKey)
    expect(fingerprintOf(checked.publicKey.split(' ')[1] ?? '')).toBe(key.fingerprint)
  })

  it.each([
    ['-t', 'ed25519'],
    ['-t', 'ed25519', '-Z', 'aes128-cbc'],
    ['-t', 'ed25519', '-Z', 'aes256-gcm@openssh.com'],
    ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
    ['-t', 'ecdsa', '-m', 'PKCS8'],
  ])('opens with its passphrase and with no other: %s %s %s %s %s', async (...args) => {
    const key = keygen('-N', '口令 pass', ...args.filter((arg) => arg !== undefined))
    expect(await code(readPrivateKey(key.text))).toBe('CREDENTIAL_PASSPHRASE')
    expect(await code(readPrivateKey(key.text, 'other'))).toBe('CREDENTIAL_PASSPHRASE')
    const checked = await readPrivateKey(key.text, '口令 pass')
    expect(askKeygen(checked.privateKey)).toBe(key.publicKey)
  })

  it('is made here as ed25519, and ssh-keygen reads it', () => {
    const key = generateKey()
    expect(key.publicKey).toMatch(/^ssh-ed25519 AAAA/)
    expect(askKeygen(key.privateKey)).toBe(key.publicKey)
    expect(generateKey().publicKey).not.toBe(key.publicKey)
  })

  it('is read by the library of the ssh driver in the form it is stored in', async () => {
    const { utils } = await import('ssh2')
    for (const args of [
      ['-t', 'ed25519'],
      ['-t', 'rsa', '-m', 'PKCS8'],
      ['-t', 'ecdsa', '-b', '521'],
    ]) {
      const key = keygen('-N', '', ...args)
      const parsed = utils.parseKey((await readPrivateKey(key.text)).privateKey)
      if (parsed instanceof Error) throw parsed
      expect(`${parsed.type} ${parsed.getPublicSSH().toString('base64')}`).toBe(key.publicKey)
      expect(parsed.verify('x', parsed.sign('x'))).toBe(true)
    }
  })

  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
    format: 'pem',
    type: 'pkcs1',
  })
  const ed448 = generateKeyPairSync('ed448').privateKey.export({ format: 'pem', type: 'pkcs8' })
  it.each([
    ['nothing', '', /not a private key/],
    ['any text', 'hello', /not a private key/],
    ['a public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB me', /public half/],
    ['a PuTTY key', 'PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none', /PuTTY/],
    ['1024 bits', small, /2048/],
    ['another algorithm', ed448, /ed448 is not supported/],
    [
      'an empty container',
      '-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----',
      /not a private key/,
    ],
    [
      'no end line',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA',
      /not a private key/,
    ],
  ])('is refused: %s', async (_, text, expected) => {
    expect(await code(readPrivateKey(String(text)))).toMatch(expected)
  })

  it('is refused wherever it is cut', async () => {
    const { text } = keygen('-N', '', '-t', 'ed25519')
    const lines = text.trim().split('\n')
    const body = Buffer.from(lines.slice(1, -1).join(''), 'base64')
    for (let length = 0; length < body.length - 60; length += 7) {
      const cut = [lines[0], body.subarray(0, length).toString('base64'), lines.at(-1)].join('\n')
      expect(await code(readPrivateKey(cut))).toMatch(/^CREDENTIAL_KEY_BAD: /)
    }
  })
})
