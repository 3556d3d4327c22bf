// What a copy in check mode says of a file, in every shell that this machine has.

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkParams, formOf, renderCommand } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtinModules } from './index.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'om-check-'))
  mkdirSync(join(folder, 'a folder'))
  writeFileSync(join(folder, 'app.conf'), 'a=1\n')
  chmodSync(join(folder, 'app.conf'), 0o640)
})
afterAll(() => rmSync(folder, { recursive: true }))

const shells = ['dash', 'bash --posix', 'busybox sh', 'mksh']
  .map((line) => line.split(' '))
  .filter(([shell = '', ...options]) => spawnSync(shell, [...options, '-c', 'true']).status === 0)

const checked = (shell: readonly string[], name: string, params: Record<string, unknown>) => {
  const module = builtinModules.find((one) => one.name === name)
  if (!module?.check) throw new Error(`no check of ${name}`)
  const form = formOf(module.params)
  const read = checkParams(module.params, form, {
    ...params,
    dest: join(folder, String(params['dest'])),
  })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const action = module.check(read.params)
  if (action.kind !== 'shell' || typeof action.stdin !== 'string') throw new Error('not a shell')
  const [program = '', ...options] = shell
  const text = renderCommand(action.command, {})
  const { stdout, stderr, status } = spawnSync(program, [...options, '-c', text], {
    input: action.stdin,
    encoding: 'utf8',
  })
  return { status, said: (stdout + stderr).trim().replaceAll(folder, '') }
}

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('%s', (_, shell) => {
  test.each([
    ['the same', { content: 'a=1\n', dest: 'app.conf' }, 'identical'],
    ['the same, and its mode', { content: 'a=1\n', dest: 'app.conf', mode: '0640' }, 'identical'],
    ['another content', { content: 'a=2\n', dest: 'app.conf' }, 'would change: content'],
    [
      'another mode',
      { content: 'a=1\n', dest: 'app.conf', mode: '644' },
      'would change: mode 640 to 644',
    ],
    ['a file that is not there', { content: 'x', dest: 'new one' }, 'would change: new file'],
  ])('%s', (__, params, said) => {
    expect(checked(shell, 'copy', params)).toEqual({ status: 0, said })
  })

  test('another owner, by name, number or group', () => {
    const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    const params = (owner: string) => ({ content: 'a=1\n', dest: 'app.conf', owner })
    for (const own of [`${uid}`, `${uid}:${gid}`]) {
      expect(checked(shell, 'copy', params(own)).said).toBe('identical')
    }
    expect(checked(shell, 'copy', params('nobody-else')).said).toMatch(
      /^would change: owner \S+:\S+ to nobody-else$/,
    )
  })

  test.each([
    ['a folder', { content: 'x', dest: 'a folder' }, 'is a folder'],
    ['a folder that is not there', { content: 'x', dest: 'none/app.conf' }, 'does not exist'],
  ])('%s is a failure, as it would be of the copy', (__, params, said) => {
    const result = checked(shell, 'copy', params)
    expect(result.status).toBe(1)
    expect(result.said).toContain(said)
  })

  test('a service that would be told is named', () => {
    const params = { content: 'a=2\n', dest: 'app.conf', onChange: 'reload', service: 'nginx' }
    expect(checked(shell, 'app.sync', params).said).toBe('would change: content; then reload nginx')
  })
})
