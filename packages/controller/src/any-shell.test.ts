// A command line means the same program to every login shell that is installed here.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandLine } from './any-shell.ts'

const shells = [
  '/bin/sh',
  '/bin/bash',
  '/bin/dash',
  '/bin/busybox',
  '/usr/bin/tcsh',
  '/usr/bin/fish',
  '/usr/bin/zsh',
].filter((shell) => existsSync(shell))
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => !one.includes('\0'))
const nasty = fc.constantFrom(
  `'`,
  '\\',
  '!',
  '\n',
  '$x',
  '"',
  '`',
  '%s',
  '\\0',
  '\r',
  '#',
  '~',
  '*',
)
const word = fc.array(fc.oneof(text, nasty), { maxLength: 8 }).map((parts) => parts.join(''))

describe('commandLine', () => {
  for (const shell of shells) {
    // Line breaks at the end of a word are lost, as in every command substitution.
    const words = fc.array(
      word.map((one) => one.replace(/\n+$/, '')),
      { maxLength: 4 },
    )
    it(`gives ${shell} exactly these words`, () => {
      const args = shell.endsWith('busybox') ? ['sh', '-c'] : ['-c']
      fc.assert(
        fc.property(words, (some) => {
          const argv = ['/bin/sh', '-c', `for w; do printf '%s\\0' "$w"; done`, 'sh', ...some]
          const out = execFileSync(shell, [...args, commandLine(argv, 'none')], {
            encoding: 'utf8',
          })
          expect(out.split('\0').slice(0, -1)).toEqual(some)
        }),
        { numRuns: 40 },
      )
    })
  }

  it('gives the program no input, or ours', () => {
    const run = (input: 'given' | 'none') =>
      spawnSync('/bin/sh', ['-c', commandLine(['cat'], input)], { input: 'ours' }).stdout.toString()
    expect([run('given'), run('none')]).toEqual(['ours', ''])
  })
})
