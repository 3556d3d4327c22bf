// Every module that prints a table, against what real tools printed: see cases/README.md for where it comes from.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkParams, formOf, parseTable, renderCommand } from '@omserver/core'
import { describe, expect, test } from 'vitest'
import { builtinModules } from './index.ts'

interface TableCase {
  readonly source: { readonly kind: 'recorded' | 'written'; readonly what: string }
  readonly params?: Record<string, unknown>
  /** What the module printed. */
  readonly output?: string
  /** What the tools that the module calls print: the module itself is run, by every shell and awk there is. */
  readonly tools?: Readonly<Record<string, string>>
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** Where they were recorded the kernel had no loadable modules. */
const unrecorded = new Set(['system.modules'])

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
const shells = ['dash', 'bash', 'bash --posix', 'busybox sh', 'mksh', 'yash'].filter((shell) =>
  runs(shell, '-c', 'true'),
)
const awks = ['mawk', 'gawk', 'gawk --posix', 'original-awk', 'busybox awk'].filter((awk) =>
  runs(awk, 'BEGIN { exit 0 }'),
)

/** What a command prints where its tools print this. */
const outputsWith = (
  tools: Readonly<Record<string, string>>,
  command: string,
): readonly (readonly [string, string])[] => {
  const folder = mkdtempSync(join(tmpdir(), 'om-tools-'))
  const put = (name: string, text: string, mode: number): void =>
    writeFileSync(join(folder, name), text, { mode })
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, LANG: 'zh_CN.UTF-8' }
  const run = (shell: string): string => {
    const [program, options] = split(shell)
    return execFileSync(program, [...options, '-c', command], {
      encoding: 'utf8',
      env,
      // A socket there makes bash read its owner's .bashrc.
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
  try {
    for (const [tool, text] of Object.entries(tools)) {
      put(`${tool}.out`, text, 0o644)
      put(tool, `#!/bin/sh\nexec cat '${folder}/${tool}.out'\n`, 0o755)
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

    test.each(cases)('$source.kind: $source.what', ({ output, tools, params = {}, rows }) => {
      const { table } = module
      if (!table) throw new Error('the module declares no table')
      if (output !== undefined) expect(parseTable(table, output)).toEqual(rows)
      if (tools === undefined) return
      const checked = checkParams(module.params, formOf(module.params), params)
      if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
      const action = module.action(checked.params)
      if (action.kind !== 'shell') throw new Error('a module with a table is one command')
      for (const [by, printed] of outputsWith(tools, renderCommand(action.command, {}))) {
        expect(parseTable(table, printed), by).toEqual(rows)
      }
    })

    test('a table has a recorded case, and nothing else has', () => {
      const recorded = cases.some(({ source }) => source.kind === 'recorded')
      expect(recorded).toBe(module.table !== undefined && !unrecorded.has(name))
      expect(cases.length > 0).toBe(module.table !== undefined)
    })

    test('every case says where it comes from, and is one of output and tools', () => {
      for (const { source, output, tools } of cases) {
        expect(['recorded', 'written']).toContain(source.kind)
        expect(source.what).not.toBe('')
        expect((output === undefined) !== (tools === undefined), source.what).toBe(true)
      }
    })
  },
)
