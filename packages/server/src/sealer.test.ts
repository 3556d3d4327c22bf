import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSealer, openKeyFile } from './sealer.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'om-key-'))
  file = join(folder, 'secret.key')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('openKeyFile', () => {
  it('makes a key only its owner can read, and reads the same one again', () => {
    const key = openKeyFile(file, false)
    expect(key).toHaveLength(32)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(Buffer.from(openKeyFile(file, true))).toEqual(Buffer.from(key))
  })

  it('does not make a new key where sealed data wait for the old one', () => {
    expect(() => openKeyFile(file, true)).toThrow('KEY_FILE_MISSING')
  })

  it('refuses a key that others can read, and says what to do', () => {
    openKeyFile(file, false)
    chmodSync(file, 0o640)
    expect(() => openKeyFile(file, true)).toThrow('KEY_FILE_OPEN')
    chmodSync(file, 0o600)
    openKeyFile(file, true)
  })

  it('refuses a file that is no key', () => {
    writeFileSync(file, 'hello\n', { mode: 0o600 })
    expect(() => openKeyFile(file, true)).toThrow('KEY_FILE_BAD')
    expect(readFileSync(file, 'utf8')).toBe('hello\n')
  })
})

describe('sealer', () => {
  const sealer = () => createSealer(openKeyFile(file, false))
  const text = new TextEncoder().encode('correct horse 密码')

  it('opens what it sealed, and never seals twice alike', () => {
    const one = sealer().seal(text, 'credential:1')
    const two = sealer().seal(text, 'credential:1')
    expect(Buffer.from(sealer().open(one, 'credential:1'))).toEqual(Buffer.from(text))
    expect(Buffer.from(one)).not.toEqual(Buffer.from(two))
    expect(Buffer.from(one).includes(Buffer.from('horse'))).toBe(false)
  })

  it('opens nothing that was moved, changed, cut, or sealed with another key', () => {
    const sealed = sealer().seal(text, 'credential:1')
    expect(() => sealer().open(sealed, 'credential:2')).toThrow('SEAL_BROKEN')
    for (let n = 0; n < sealed.length; n += 7) {
      const changed = Uint8Array.from(sealed)
      changed[n]! ^= 1
      expect(() => sealer().open(changed, 'credential:1')).toThrow('SEAL_BROKEN')
    }
    expect(() => sealer().open(sealed.subarray(0, 20), 'credential:1')).toThrow('SEAL_BROKEN')
    const other = createSealer(new Uint8Array(32))
    expect(() => other.open(sealed, 'credential:1')).toThrow('SEAL_BROKEN')
  })
})
