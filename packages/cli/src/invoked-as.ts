// How this user calls `om`, so that a line we print works when it is pasted.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const byNpm = process.env['npm_lifecycle_event']
// A release keeps its own Node in runtime/, with the launcher one folder over.
const launcher = join(dirname(dirname(process.execPath)), 'bin', 'om')

/** `npx om` in the repository, the launcher's path in a release, else `om`. */
export const omCommand = existsSync(launcher)
  ? launcher
  : byNpm === 'npx' || byNpm === 'start' || byNpm === 'dev'
    ? 'npx om'
    : 'om'

/** The line that started this server, with `more` at its end. */
export const startLine = (more: string, args: readonly string[] = process.argv.slice(3)): string =>
  [
    byNpm === 'start' ? 'npm start --' : `${omCommand} ${process.argv[2] ?? 'up'}`,
    ...args.map(quoted),
    more,
  ].join(' ')

const quoted = (arg: string): string =>
  /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`
