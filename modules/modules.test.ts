// Every module against its JSON cases, and the read-only ones against this very machine.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Action,
  checkParams,
  formOf,
  isModuleName,
  leavesOf,
  parseTable,
  previewAction,
  renderCommand,
} from '@omserver/core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { builtinModules } from './index.ts'

const casesDir = join(import.meta.dirname, 'cases')
const read = <T>(module: string, kind: string): T[] => {
  const file = join(casesDir, module, `${kind}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T[]) : []
}

interface ActionCase {
  readonly params: Record<string, unknown>
  readonly preview?: string
  readonly action?: Action
  readonly problems?: readonly string[]
}
test('every folder of cases belongs to a module', () => {
  const names = new Set(builtinModules.map((module) => module.name))
  const folders = readdirSync(casesDir).filter((name) => name !== 'README.md')
  expect(folders.filter((name) => !names.has(name))).toEqual([])
})

test('names are unique and well formed, texts exist in both languages', () => {
  const names = builtinModules.map((module) => module.name)
  expect(new Set(names).size).toBe(names.length)
  for (const module of builtinModules) {
    expect(isModuleName(module.name), module.name).toBe(true)
    for (const text of [
      module.title,
      module.summary,
      ...formOf(module.params).map((field) => field.title),
    ]) {
      expect(text.zh.trim(), module.name).not.toBe('')
      expect(text.en.trim(), module.name).not.toBe('')
    }
  }
})

test('a pattern is said in words, to people who read no regular expressions', () => {
  const patterned = builtinModules.flatMap(({ name, params }) => {
    const { properties = {} } = z.toJSONSchema(params, { io: 'input' })
    return formOf(params)
      .filter((form) => JSON.stringify(properties[form.name]).includes('"pattern":'))
      .map((form) => ({ name: `${name} ${form.name}`, format: form.format }))
  })
  expect(patterned.length).toBeGreaterThan(8)
  expect(patterned.filter(({ format }) => !format?.zh || !format.en)).toEqual([])
})

/** Tables have a test of their own. */
const withActions = builtinModules.filter(({ name }) => read(name, 'action').length > 0)

describe.each(withActions.map((module) => [module.name, module] as const))('%s', (name, module) => {
  const actionCases = read<ActionCase>(name, 'action')

  test.each(actionCases)('$params', ({ params, preview, action, problems }) => {
    const checked = checkParams(module.params, formOf(module.params), params)
    if (problems) {
      expect(checked.ok ? [] : checked.problems.map((problem) => problem.field)).toEqual(problems)
      return
    }
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
    const made = module.action(checked.params)
    if (action) expect(JSON.parse(JSON.stringify(made))).toEqual(action)
    if (preview !== undefined) {
      expect(made.kind === 'shell' ? renderCommand(made.command, {}) : previewAction(made)).toBe(
        preview,
      )
    }
  })
})

/** Parameters with which a read-only module runs on this machine. */
const harmless: Readonly<Record<string, Record<string, unknown>>> = {
  shell: { command: 'true' },
  script: { content: 'true' },
  'service.status': { service: 'ssh' },
  'app.config': { app: 'other', path: '/etc/passwd' },
  'package.version': { packages: ['bash', 'no-such-package'] },
}

const actionOf = (name: string): Action => {
  const module = builtinModules.find((one) => one.name === name)
  if (!module) throw new Error(`no module ${name}`)
  const checked = checkParams(module.params, formOf(module.params), harmless[name] ?? {})
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return module.action(checked.params)
}

/** Those that stand as /bin/sh on some host, as far as this machine has them. */
const shells = ['dash', 'bash', 'bash --posix', 'busybox sh', 'mksh', 'yash --posixly-correct']
  .map((line) => line.split(' '))
  .filter(([shell = '', ...options]) => spawnSync(shell, [...options, '-c', 'true']).status === 0)

describe('shell text is POSIX', () => {
  test.each(builtinModules.map((module) => module.name))('%s', (name) => {
    const cases = read<ActionCase>(name, 'action').filter((one) => !one.problems)
    const module = builtinModules.find((one) => one.name === name)
    const inputs = [
      ...cases.map((one) => one.params),
      ...(harmless[name] ? [harmless[name]] : [{}]),
    ]
    for (const params of inputs) {
      const checked = module && checkParams(module.params, formOf(module.params), params)
      if (!module || !checked?.ok) continue
      for (const leaf of leavesOf(module.action(checked.params))) {
        const text =
          leaf.kind === 'shell'
            ? renderCommand(leaf.command, {})
            : leaf.kind === 'script'
              ? leaf.content
              : 'true'
        for (const [shell = '', ...options] of shells) {
          expect(spawnSync(shell, [...options, '-n'], { input: text }).stderr.toString()).toBe('')
        }
      }
    }
  })
})

describe('on this machine', () => {
  const reading = [
    'system.release',
    'system.uptime',
    'system.load',
    'system.memory',
    'system.disk',
    'system.modules',
    'process.list',
    'network.ports',
    'user.list',
    'package.version',
  ]
  test.each(reading)('%s answers, and its table reads the answer', (name) => {
    const action = actionOf(name)
    if (action.kind !== 'shell') throw new Error('a reading module is one command')
    const text = renderCommand(action.command, {})
    const table = builtinModules.find((one) => one.name === name)?.table
    if (!table) throw new Error('no table')
    for (const [shell = '', ...options] of shells) {
      const output = execFileSync(shell, [...options, '-c', text], {
        encoding: 'utf8',
        env: { ...process.env, LANG: 'zh_CN.UTF-8' },
        // A shell that misses the locale says so, and goes on.
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const rows = parseTable(table, output)
      // A minimal machine may have no kernel modules and no listener; everything else has at least one row.
      if (name !== 'system.modules' && name !== 'network.ports') {
        expect(rows.length, shell).toBeGreaterThan(0)
      }
      for (const row of rows) expect(row).toHaveLength(table.columns.length)
    }
  })
})
