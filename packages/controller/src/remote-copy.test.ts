// The copy and the stop, on every kind of userland a host may have: GNU tools under dash and bash, and busybox alone.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type CopyRequest, copyEnd, copyProgram } from './remote-copy.ts'
import { readStop, stopProgram } from './stop-program.ts'

const root = mkdtempSync(join(tmpdir(), 'om-copy-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Userland {
  readonly name: string
  readonly missing?: string
  readonly argv: readonly [string, ...string[]]
  readonly path: string
}

/** A PATH that holds busybox and nothing else. */
const busyboxOnly = (): Userland => {
  const path = join(root, 'busybox')
  const busybox = '/bin/busybox'
  const base = { name: 'busybox alone', argv: [join(path, 'sh'), '-c'], path } as const
  if (!existsSync(busybox)) return { ...base, missing: 'busybox is not installed' }
  mkdirSync(path)
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')
  for (const applet of applets) symlinkSync(busybox, join(path, applet))
  return base
}

const usual = process.env.PATH ?? ''
const userlands: readonly Userland[] = [
  { name: 'dash', argv: ['/bin/sh', '-c'], path: usual },
  { name: 'bash as sh', argv: ['/bin/bash', '--posix', '-c'], path: usual },
  busyboxOnly(),
]

for (const { name, missing, argv, path } of userlands) {
  describe.skipIf(missing !== undefined)(
    `on ${name}${missing ? ` (skipped: ${missing})` : ''}`,
    () => {
      const [shell, ...flags] = argv
      const env = { PATH: path, HOME: root }

      const copy = (text: string, more: Partial<CopyRequest> & { dest: string }, sent = text) => {
        const input = Buffer.from(text)
        const sha256 = createHash('sha256').update(input).digest('hex')
        const program = copyProgram({ size: input.length, sha256, ...more })
        const ran = spawnSync(shell, [...flags, program], { env, input: sent })
        return copyEnd(ran.status ?? -1, ran.stderr.toString().trim() || undefined)
      }
      const folder = () => mkdtempSync(join(root, 'case-'))

      it('creates, leaves alone, replaces, and keeps the mode', () => {
        const dest = join(folder(), `a "b" 'c' $d`)
        expect(copy('one', { dest })).toMatchObject({ state: 'ok', changed: true })
        expect((statSync(dest).mode & 0o777).toString(8)).toBe('644')
        expect(copy('one', { dest })).toMatchObject({ state: 'ok', changed: false })
        chmodSync(dest, 0o750)
        expect(copy('two', { dest })).toMatchObject({ state: 'ok', changed: true })
        expect([readFileSync(dest, 'utf8'), statSync(dest).mode & 0o777]).toEqual(['two', 0o750])
        expect(copy('two', { dest, mode: '0600' })).toMatchObject({ changed: true })
        expect(copy('two', { dest, mode: '0600' })).toMatchObject({ changed: false })
        expect(readdirSync(join(dest, '..'))).toHaveLength(1)
      })

      it('changes nothing when the content arrives incomplete or damaged', () => {
        const dest = join(folder(), 'file')
        writeFileSync(dest, 'old')
        for (const sent of ['', 'ne', 'newer', 'nex']) {
          expect(copy('new', { dest }, sent)).toMatchObject({
            state: 'failed',
            reason: 'copyFailed',
          })
        }
        expect(readFileSync(dest, 'utf8')).toBe('old')
        expect(readdirSync(join(dest, '..'))).toEqual(['file'])
      })

      it('sets the owner, and sees when it is already so', () => {
        if (process.getuid?.() !== 0) return
        const dest = join(folder(), 'file')
        expect(copy('x', { dest, owner: 'daemon:daemon' })).toMatchObject({ changed: true })
        expect(statSync(dest).uid).toBe(1)
        expect(copy('x', { dest, owner: 'daemon' })).toMatchObject({ changed: false })
        expect(copy('x', { dest, owner: '1:1' })).toMatchObject({ changed: false })
        expect(copy('y', { dest })).toMatchObject({ changed: true })
        expect([statSync(dest).uid, statSync(dest).gid]).toEqual([1, 1])
        expect(copy('y', { dest, owner: ':root' })).toMatchObject({ changed: true })
        expect([statSync(dest).uid, statSync(dest).gid]).toEqual([1, 0])
      })

      it('keeps a backup, follows a link, and does not follow a circle of them', () => {
        const at = folder()
        writeFileSync(join(at, 'real'), 'old')
        symlinkSync('real', join(at, 'link'))
        expect(copy('new', { dest: join(at, 'link'), backup: true })).toMatchObject({
          changed: true,
        })
        expect(readFileSync(join(at, 'real'), 'utf8')).toBe('new')
        expect(readdirSync(at).filter((one) => /^real\.\d{14}~$/.test(one))).toHaveLength(1)
        symlinkSync('b', join(at, 'a'))
        symlinkSync('a', join(at, 'b'))
        expect(copy('x', { dest: join(at, 'a') })).toMatchObject({ state: 'failed' })
      })

      it('ends a program with all that it started, and says so', async () => {
        const program = `OM_TASK=task1.$$; export OM_TASK; (sleep 600; :) & sleep 600 & echo up; wait`
        const child = spawn(shell, [...flags, program], { env, detached: true })
        await once(child.stdout, 'data')
        const ended = once(child, 'exit')
        const stopped = spawnSync(shell, [...flags, stopProgram('task1')], { env })
        expect(readStop(stopped.stdout.toString())).toBe('no')
        await ended
        const again = spawnSync(shell, [...flags, stopProgram('task1')], { env })
        expect(readStop(again.stdout.toString())).toBe('none')
      })
    },
  )
}
