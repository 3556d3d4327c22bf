// A throwaway account of this machine, for tests of passwords, login shells, sudo and su. Needs root.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** Why accounts cannot be made here; undefined: they can. */
export const accountsMissing = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'making accounts needs root'
  return existsSync('/usr/sbin/useradd') ? undefined : 'useradd is not installed'
}

export const sudoMissing = (): string | undefined =>
  existsSync('/etc/sudoers.d') && existsSync('/usr/bin/sudo') ? undefined : 'sudo is not installed'

export interface Account {
  readonly name: string
  readonly password: string
  remove(): void
}

export interface AccountOptions {
  /** /bin/sh when absent. */
  readonly shell?: string
  /** May become anyone by sudo; `asked`: after giving the own password. */
  readonly sudo?: 'free' | 'asked'
}

// Test files run side by side, and useradd gives up when another holds its lock.
const LOCK = '/run/lock/om-test-accounts'

const locked = (command: string, args: readonly string[], input?: string): void => {
  execFileSync('flock', [LOCK, command, ...args], { input, stdio: ['pipe', 'ignore', 'pipe'] })
}

export const makeAccount = (options: AccountOptions = {}): Account => {
  const missing = accountsMissing()
  if (missing !== undefined) throw new Error(missing)
  const name = `om-t-${randomBytes(4).toString('hex')}`
  const password = `pw ${randomBytes(6).toString('hex')}'"$`
  const { shell = '/bin/sh', sudo } = options
  locked('useradd', ['--create-home', '--shell', shell, name])
  locked('chpasswd', [], `${name}:${password}\n`)
  const rules = `/etc/sudoers.d/${name}`
  if (sudo !== undefined) {
    const tag = sudo === 'free' ? 'NOPASSWD: ' : ''
    // Nobody waits three seconds in a test for the mail and the delay.
    const lines = [`Defaults:${name} !lecture, timestamp_timeout=0`, `${name} ALL=(ALL) ${tag}ALL`]
    writeFileSync(rules, `${lines.join('\n')}\n`, { mode: 0o440 })
  }
  return {
    name,
    password,
    remove: () => {
      rmSync(rules, { force: true })
      try {
        execFileSync('pkill', ['-KILL', '-u', name], { stdio: 'ignore' })
      } catch {
        // Nothing of it was running.
      }
      locked('userdel', ['--remove', '--force', name])
    },
  }
}
