// Checks of commands as data, with real shells as the judges of quoting.

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from './problem.ts'
import { secretRef } from './secret.ts'
import { hostVar, previewCommand, quote, raw, renderCommand, sh } from './shell.ts'

const run = (shell: string, script: string): string => {
  const ended = spawnSync(shell, ['-s'], { input: script, encoding: 'utf8', maxBuffer: 1 << 26 })
  expect(ended.stderr).toBe('')
  expect(ended.status).toBe(0)
  return ended.stdout
}

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return 'nothing thrown'
}

const nasty = fc.constantFrom(
  '',
  "'",
  '"',
  '\\',
  '\n',
  '\r\n',
  '*',
  '~',
  '~root',
  '-n',
  '--',
  '$(id)',
  '`id`',
  '${HOME}',
  'a=b',
  '#x',
  '!!',
  '{a,b}',
  'if',
  '2',
  '中文 空格',
  '\t ',
)
const anyText = fc
  .oneof(
    nasty,
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join('')),
  )
  .map((text) => text.replaceAll('\0', ''))

// One process for many values: each word comes back with NUL behind it.
const shells = ['/bin/sh', 'bash', 'dash']

describe.each(shells)('any text survives %s', (shell) => {
  test('as words, in lists, and as part of a word', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 40, maxLength: 60 }), (words) => {
        const { command } = sh`printf '%s\0' ${words} pre${words[0] ?? ''}post ${words[1] ?? ''}`
        expect(run(shell, renderCommand(command, {})).split('\0')).toEqual([
          ...words,
          `pre${words[0]}post`,
          words[1],
          '',
        ])
      }),
      { numRuns: 20 },
    )
  })

  test('as the value of a host variable', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const { command } = sh`printf %s ${hostVar('host.labels.app')}`
        expect(run(shell, renderCommand(command, { 'host.labels.app': value }))).toBe(value)
      }),
      { numRuns: 20 },
    )
  })

  test('a number stays a word before a redirection, a keyword stays an argument', () => {
    const { command } = sh`echo ${'2'}>&1; echo ${'done'}`
    expect(run(shell, renderCommand(command, {}))).toBe('2\ndone\n')
  })
})

describe('sh', () => {
  test('keeps text as its author wrote it, over many lines', () => {
    const { command } = sh`awk '{ print $1 "\n" }' ${'a b'} |
      sed 's/\.\(x\)/\1/' && echo \`id\` \${HOME}`
    expect(command).toEqual([
      `awk '{ print $1 "\\n" }' `,
      { value: 'a b' },
      " |\n      sed 's/\\.\\(x\\)/\\1/' && echo `id` ${HOME}",
    ])
  })

  test('carries options, later ones over earlier ones', () => {
    const root = sh.with({ runAs: { user: 'root', method: 'sudo' }, cwd: '/tmp' })
    expect(root.with({ cwd: '/', endsBy: 'disconnect' })`reboot`).toEqual({
      kind: 'shell',
      command: ['reboot'],
      runAs: { user: 'root', method: 'sudo' },
      cwd: '/',
      endsBy: 'disconnect',
    })
  })

  test('the same command is the same data', () => {
    expect(sh`${raw('ls')} ${raw('-l')} ${[]}`.command).toEqual(['ls -l '])
    expect(sh`kill -9 ${[1, 2]}`.command).toEqual(['kill -9 ', { value: '1' }, ' ', { value: '2' }])
  })

  test('refuses what is not a word', () => {
    // @ts-expect-error a secret has no place in a command
    expect(codeOf(() => sh`echo ${secretRef('x')}`)).toBe('SHELL_VALUE_SECRET')
    // @ts-expect-error
    expect(codeOf(() => sh`echo ${true}`)).toBe('SHELL_VALUE_TYPE')
    // @ts-expect-error
    expect(codeOf(() => sh`echo ${undefined}`)).toBe('SHELL_VALUE_TYPE')
    // @ts-expect-error
    expect(codeOf(() => sh`echo ${[null]}`)).toBe('SHELL_VALUE_TYPE')
    expect(codeOf(() => sh`echo ${Number.NaN}`)).toBe('SHELL_VALUE_TYPE')
    expect(codeOf(() => sh`echo ${'a\0b'}`)).toBe('SHELL_VALUE_NUL')
    expect(codeOf(() => sh`echo ${raw('a\0b')}`)).toBe('SHELL_VALUE_NUL')
    expect(codeOf(() => renderCommand([{ value: '\0' }], {}))).toBe('SHELL_VALUE_NUL')
  })

  test('refuses a value where its quotes would not hold', () => {
    expect(codeOf(() => sh`echo "${'x'}"`)).toBe('SHELL_VALUE_IN_QUOTES')
    expect(codeOf(() => sh`echo '${'x'}'`)).toBe('SHELL_VALUE_IN_QUOTES')
    expect(codeOf(() => sh`ls # ${'x'}`)).toBe('SHELL_VALUE_IN_QUOTES')
    expect(
      codeOf(
        () => sh`cat <<EOF
${'x'}
EOF`,
      ),
    ).toBe('SHELL_VALUE_IN_QUOTES')
    expect(codeOf(() => sh`echo "$(ls ${'x'})" it\'s ${'y'} # don't`)).toBe('nothing thrown')
  })

  test('the preview names variables, the command needs them', () => {
    const { command } = sh`echo ${hostVar('host.name')} ${'a b'}`
    expect(previewCommand(command)).toBe("echo {host.name} 'a b'")
    expect(codeOf(() => renderCommand(command, {}))).toBe('VAR_UNSET')
    expect(codeOf(() => renderCommand([{ var: 'toString' }], {}))).toBe('VAR_UNSET')
  })
})

test('plain words stay bare', () => {
  expect(['a-b_c.1', '/etc/x:y', 'a,b@c%d+e'].map(quote)).toEqual([
    'a-b_c.1',
    '/etc/x:y',
    'a,b@c%d+e',
  ])
  expect(['', 'a=b', '~', "it's"].map(quote)).toEqual(["''", "'a=b'", "'~'", `'it'\\''s'`])
})
