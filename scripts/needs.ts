// Lets a test say which tools of the machine it needs; where one is missing, only that test is skipped.

import type { TestContext } from 'vitest'

/** Tools that scripts/test.sh looks for, and installs where it may. */
export type Tool =
  | 'sshd'
  | 'ssh'
  | 'chromium'
  | 'cjk-fonts'
  | 'sudo'
  | 'ps'
  | 'ip'
  | 'unshare'
  | 'tmux'
  | 'python3'
  | 'python3-venv'
  | 'nats-server'
  | 'mariadbd'
  | 'postgres'
  | 'dpkg-deb'
  | 'systemd-nspawn'
  | 'faketime'
  | 'ansible'
  | 'ansible-pypi'

/**
 * Skips the test with the reason where a tool is missing. For one test call it first thing in it;
 * for a whole file: `beforeEach((context) => needs(context, 'sshd'))`.
 */
export function needs(context: TestContext, ...tools: readonly Tool[]): void {
  const missing = missingTools(tools)
  context.skip(missing.length > 0, `this machine has no ${missing.join(', ')}`)
}

/** For hooks and `describe.skipIf`, which have no test to skip yet. */
export function missingTools(tools: readonly Tool[], list = process.env.OM_MISSING ?? ''): Tool[] {
  const absent = new Set(list.split(',').filter((name) => name !== ''))
  return tools.filter((tool) => absent.has(tool))
}
