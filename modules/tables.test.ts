// Every module that prints a table, against what real tools printed: see cases/README.md for where it comes from.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkParams, formOf, parseTable, renderCommand } from '@omserver/core'
import { describe, expect, test } from 'vitest'
import { builtinModules } from './index.ts'

interface TableCase {
  readonly source: { readonly kind: 'recorded' | 'published' | 'written'; readonly what: string }
  readonly params?: Record<string, unknown>
  /** What the module printed. */
  readonly output?: string
  /**
   * What the tools that the module calls print (`uname`, or `uname -r` for these arguments only), null for one
   * that the host does not have: the module itself is run, by every shell and awk there is.
   */
  readonly tools?: Tools
  /** What the host has below /etc, /proc, /run and /var: nothing else is there. A name that ends in / is a folder. */
  readonly files?: Readonly<Record<string, string>>
  readonly rows: readonly (readonly (string | number | null)[])[]
}

type Tools = Readonly<Record<string, string | null>>

/** Where cases were recorded the kernel had no loadable modules. */
const unrecorded = new Set(['system.modules'])

/** Nobody was found who publishes such an output of the RHEL family; rpm itself is recorded. */
const unpublished = new Set([
  'package.version',
  'process.list',
  'system.disk',
  'system.load',
  'system.modules',
])

const casesOf = (module: string): TableCase[] => {
  const file = join(import.meta.dirname, 'cases', module, 'table.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TableCase[]) : []
}

const split = (line: string): readonly [string, readonly string[]] => {
  const [program = '', ...options] = line.split(' ')
  return [program, options]
}
const runs = (line: string, ...more: readonly string[]): boolean => {
  const [program, options] = split(line)
  return spawnSync(program, [...options, ...more], { input: '' }).status === 0
}

/** As far as this machine has them; each stands as /bin/sh, or as awk, on some host. */
const shells = [
  'dash',
  'bash',
  'bash --posix',
  ...['compat42', 'compat43', 'compat44'].map((level) => `bash -O ${level}`),
  ...['50', '51'].map((level) => `env BASH_COMPAT=${level} bash`),
  'busybox sh',
  'mksh',
  'yash',
].filter((shell) => runs(shell, '-c', 'true'))
const awks = ['mawk', 'gawk', 'gawk --posix', 'original-awk', 'busybox awk'].filter((awk) =>
  runs(awk, 'BEGIN { exit 0 }'),
)

/** A program that says for its arguments what it was told to, and is not there when that is nothing. */
const standIn = (folder: string, name: string, tools: Tools): string => {
  const answers = Object.entries(tools).flatMap(([line, text], index) => {
    const [tool = '', ...words] = line.split(' ')
    if (tool !== name) return []
    const file = join(folder, `${index}.out`)
    if (text !== null) writeFileSync(file, text)
    const pattern = words.length > 0 ? `'${words.join(' ')}'` : '*'
    return [`${pattern}) ${text === null ? 'exit 127' : `exec cat '${file}'`} ;;`]
  })
  return `#!/bin/sh\ncase "$*" in\n${answers.join('\n')}\nesac\nexit 1\n`
}

/** What a command prints on a host whose tools print this, and that has these files. */
const outputsWith = (
  tools: Tools,
  files: Readonly<Record<string, string>> | undefined,
  command: string,
): readonly (readonly [string, string])[] => {
  const folder = mkdtempSync(join(tmpdir(), 'om-tools-'))
  const put = (name: string, text: string, mode: number): void => {
    const path = join(folder, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(path, text, { mode })
  }
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, LANG: 'zh_CN.UTF-8' }
  const text = files ? command.replaceAll(/\/(?=(?:etc|proc|run|var)\/)/g, `${folder}/`) : command
  const run = (shell: string): string => {
    const [program, options] = split(shell)
    const printed = execFileSync(program, [...options, '-c', text], {
      encoding: 'utf8',
      env,
      // A socket there makes bash read its owner's .bashrc.
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return printed.replaceAll(folder, '')
  }
  try {
    for (const [name, content] of Object.entries(files ?? {})) put(name, content, 0o644)
    for (const name of new Set(Object.keys(tools).map((line) => line.split(' ')[0] ?? ''))) {
      put(name, standIn(folder, name, tools), 0o755)
    }
    const byShell = shells.map((shell) => [shell, run(shell)] as const)
    const byAwk = awks.map((awk) => {
      put('awk', `#!/bin/sh\nexec ${awk} "$@"\n`, 0o755)
      return [awk, run('sh')] as const
    })
    return [...byShell, ...byAwk]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.each(builtinModules.map((module) => [module.name, module] as const))(
  '%s',
  (name, module) => {
    const cases = casesOf(name)

    test.each(cases)(
      '$source.kind: $source.what',
      ({ output, tools, files, params = {}, rows }) => {
        const { table } = module
        if (!table) throw new Error('the module declares no table')
        if (output !== undefined) expect(parseTable(table, output)).toEqual(rows)
        if (tools === undefined && files === undefined) return
        const checked = checkParams(module.params, formOf(module.params), params)
        if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
        const action = module.action(checked.params)
        if (action.kind !== 'shell') throw new Error('a module with a table is one command')
        for (const [by, printed] of outputsWith(
          tools ?? {},
          files,
          renderCommand(action.command, {}),
        )) {
          expect(parseTable(table, printed), by).toEqual(rows)
        }
      },
    )

    test('a table has a recorded case, and one of the RHEL family; nothing else has', () => {
      const kinds = new Set(cases.map(({ source }) => source.kind))
      expect(kinds.has('recorded')).toBe(module.table !== undefined && !unrecorded.has(name))
      const published = cases.some(
        ({ source: { kind, what } }) => kind === 'published' && !what.includes('Ubuntu'),
      )
      expect(published).toBe(module.table !== undefined && !unpublished.has(name))
      expect(cases.length > 0).toBe(module.table !== undefined)
    })

    test('every case says where it comes from, and is either an output or what made it', () => {
      for (const { source, output, tools, files } of cases) {
        expect(['recorded', 'published', 'written']).toContain(source.kind)
        expect(source.what).not.toBe('')
        const made = tools !== undefined || files !== undefined
        expect((output === undefined) === made, source.what).toBe(true)
      }
    })
  },
)
