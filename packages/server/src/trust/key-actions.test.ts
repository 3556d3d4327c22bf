// The key actions on a real /bin/sh, in a home folder of their own, read back by the real ssh-keygen.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ScriptAction } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateKey } from '../credentials/private-key.ts'
import { putKey, removeKey } from './key-actions.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'om-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const user = userInfo().username
const key = generateKey().publicKey
const other = generateKey().publicKey
const file = () => join(home, '.ssh/authorized_keys')
const content = () => readFileSync(file(), 'utf8')
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
const run = ({ content: script, args = [] }: ScriptAction, path = process.env.PATH) => {
  const env = { PATH: path, HOME: home }
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', ...args], {
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const write = (text: string) => {
  mkdirSync(join(home, '.ssh'), { recursive: true })
  writeFileSync(file(), text)
}

describe('putting a key', () => {
  it('makes folder and file with the modes that sshd asks for', () => {
    expect(run(putKey({ publicKey: key, user }))).toEqual({
      status: 10,
      stdout: 'the key was added\n',
      stderr: '',
    })
    expect(content()).toBe(`${key} omserver\n`)
    expect([mode(join(home, '.ssh')), mode(file())]).toEqual(['700', '600'])
    expect(execFileSync('ssh-keygen', ['-lf', file()], { encoding: 'utf8' })).toContain('omserver')
  })

  it('where hosts share a home, another one may make the folder at the same moment', () => {
    const tools = join(home, 'tools')
    mkdirSync(tools)
    const racing = '#!/bin/sh\n/bin/mkdir -p "$HOME/.ssh"\nexec /bin/mkdir "$@"\n'
    writeFileSync(join(tools, 'mkdir'), racing, { mode: 0o755 })
    const { status, stderr } = run(putKey({ publicKey: key, user }), `${tools}:${process.env.PATH}`)
    expect([status, stderr]).toEqual([10, ''])
    expect(content()).toBe(`${key} omserver\n`)
  })

  it('does nothing the second time', () => {
    run(putKey({ publicKey: key, user }))
    expect(run(putKey({ publicKey: key, user }))).toMatchObject({
      status: 0,
      stdout: 'the key was there already\n',
    })
    expect(content()).toBe(`${key} omserver\n`)
  })

  it('keeps what is there, ends its last line, and narrows modes that are too wide', () => {
    write(`# ours\n${other} me@here`)
    chmodSync(file(), 0o666)
    expect(run(putKey({ publicKey: key, user })).status).toBe(10)
    expect(content()).toBe(`# ours\n${other} me@here\n${key} omserver\n`)
    expect(mode(file())).toBe('600')
  })

  it('takes a line with options for the key, and a comment for none', () => {
    write(`from="10.0.0.0/8" ${key} x\n`)
    expect(run(putKey({ publicKey: key, user })).status).toBe(0)
    write(`  # ${key} x\n`)
    expect(run(putKey({ publicKey: key, user })).status).toBe(10)
    expect(content()).toBe(`  # ${key} x\n${key} omserver\n`)
  })

  it('warns where sshd would ignore the key', () => {
    chmodSync(home, 0o770)
    expect(run(putKey({ publicKey: key, user })).stderr).toContain(`chmod go-w`)
  })

  it('fails, and says why, where it cannot be put', () => {
    expect(run(putKey({ publicKey: key, user: 'nobody-of-this-name' }))).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/no account nobody-of-this-name|only root/),
    })
    writeFileSync(join(home, '.ssh'), 'a file where the folder should be')
    expect(run(putKey({ publicKey: key, user })).status).not.toBe(0)
    expect(run(putKey({ publicKey: key, user })).status).not.toBe(10)
  })
})

describe('removing a key', () => {
  it('takes every line of it out and leaves the others byte for byte', () => {
    write(`# ours\n${key} a\n${other} b\nfrom="10.0.0.1" ${key} c\n`)
    expect(run(removeKey({ publicKey: key, user }))).toEqual({
      status: 10,
      stdout: 'the key was removed\n',
      stderr: '',
    })
    expect(content()).toBe(`# ours\n${other} b\n`)
    expect(mode(file())).toBe('600')
    expect(run(removeKey({ publicKey: key, user }))).toMatchObject({
      status: 0,
      stdout: 'the key was not there\n',
    })
  })

  it('leaves an empty file when it was the only one, and makes none where there is none', () => {
    run(putKey({ publicKey: key, user }))
    expect(run(removeKey({ publicKey: key, user })).status).toBe(10)
    expect(content()).toBe('')
    rmSync(join(home, '.ssh'), { recursive: true })
    expect(run(removeKey({ publicKey: key, user })).status).toBe(0)
    expect(existsSync(join(home, '.ssh'))).toBe(false)
  })

  it('takes nothing out while the key that replaces it is not there', () => {
    const gone = { publicKey: key, user }
    const next = { publicKey: other, user }
    write(`${key} a\n# ${other} b\n`)
    expect(run(removeKey(gone, next))).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('the old one stays'),
    })
    expect(content()).toContain(key)
    run(putKey(next))
    expect(run(removeKey(gone, next)).status).toBe(10)
    expect(content()).toBe(`# ${other} b\n${other} omserver\n`)
    // Another account's file says nothing about this one's.
    write(`${key} a\n`)
    expect(run(removeKey(gone, { publicKey: other, user: 'somebody-else' })).status).toBe(10)
  })

  it('writes the file that a link points to, and leaves no other behind', () => {
    mkdirSync(join(home, '.ssh'))
    const target = join(home, 'keys')
    writeFileSync(target, `${key} a\n${other} b\n`)
    symlinkSync(target, file())
    expect(run(removeKey({ publicKey: key, user })).status).toBe(10)
    expect(readFileSync(target, 'utf8')).toBe(`${other} b\n`)
    expect(execFileSync('ls', ['-A', home], { encoding: 'utf8' })).toBe('.ssh\nkeys\n')
  })
})
