// A host for tests: it has the tools that a test puts on it, and its own folders of services; modules run on it.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkParams, formOf, parseTable, renderCommand } from '@omserver/core'
import { builtinModules } from '../index.ts'

/** What every host has. */
const everywhere = 'awk cat cut grep head sed sh sort tail tr uniq'.split(' ')

export type OddHost = ReturnType<typeof createOddHost>

export const createOddHost = () => {
  const folder = mkdtempSync(join(tmpdir(), 'om-odd-'))
  mkdirSync(join(folder, 'bin'))

  /** Puts a tool of this machine on the host. */
  const own = (name: string): void => {
    const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' })
    symlinkSync(found.stdout.trim(), join(folder, 'bin', name))
  }
  for (const name of everywhere) own(name)

  /** Puts a file on the host: below `bin` and `sbin` a program. */
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { mode: /^s?bin\//.test(path) ? 0o755 : 0o644 })
  }

  /** Puts a tool on the host that says this, and ends with this code. */
  const tool = (name: string, says: string, exit = 0): void => {
    put(`${name}.txt`, says)
    put(`bin/${name}`, `#!/bin/sh\ncat '${folder}/${name}.txt'\nexit ${exit}\n`)
  }

  /** Its services and its sbin are the host's; all else is this machine's. */
  const onHost = (command: string): string =>
    command
      .replaceAll(/\/(?=run\/systemd|etc\/(?:init|rc|runlevels))/g, `${folder}/`)
      .replaceAll(':/usr/sbin:/sbin', `:${folder}/sbin`)

  const textOf = (name: string, params: Record<string, unknown> = {}): string => {
    const module = builtinModules.find((one) => one.name === name)
    if (!module) throw new Error(`no module ${name}`)
    const checked = checkParams(module.params, formOf(module.params), params)
    if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
    const action = module.action(checked.params)
    if (action.kind !== 'shell') throw new Error('not one command')
    return onHost(renderCommand(action.command, {}))
  }

  const run = (name: string, params: Record<string, unknown> = {}, shell = '/bin/sh') => {
    const env = { PATH: join(folder, 'bin'), LANG: 'zh_CN.UTF-8' }
    const { status, stdout, stderr } = spawnSync(shell, ['-c', textOf(name, params)], { env })
    const table = builtinModules.find((one) => one.name === name)?.table
    return {
      exit: status,
      output: stdout.toString('latin1'),
      rows: table ? parseTable(table, stdout.toString()) : [],
      said: stderr.toString(),
    }
  }

  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  const remove = (): void => rmSync(folder, { recursive: true })

  return { folder, own, put, read, tool, textOf, run, remove }
}
