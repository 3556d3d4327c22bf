// Other accounts, by sudo and su, with and without a password; and login shells that are no POSIX shells.

import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LeafAction, type RunAs, secretRef } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Account,
  accountsMissing,
  makeAccount,
  sudoMissing,
} from '../../../../../e2e/support/account.ts'
import { type Sshd, sshdMissing, startSshd } from '../../../../../e2e/support/sshd.ts'
import {
  type Carried,
  carry as carryOn,
  isAlive,
  pidsIn,
  shell,
  withinGrace,
} from '../conformance/case-kit.ts'
import { type TestDriver, testDriver } from './test-driver.ts'

const missing = sshdMissing() ?? accountsMissing() ?? sudoMissing()
const script = (content: string): LeafAction => ({ kind: 'script', interpreter: 'sh', content })

describe.skipIf(missing !== undefined)(`run as${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let sshd: Sshd
  let own: TestDriver
  const accounts: Account[] = []
  let free: Account
  let asked: Account
  let plain: Account

  const account = (options: Parameters<typeof makeAccount>[0]): Account => {
    const made = makeAccount(options)
    accounts.push(made)
    own.credential(made.name, made.name, { key: sshd.key.privateKey })
    own.secret(made.name, made.password)
    return made
  }
  const passwordOf = ({ name }: Account) => secretRef(name)
  const carry = (
    from: Account | 'root',
    action: LeafAction,
    signal?: AbortSignal,
  ): Promise<Carried> => {
    const credentialId = from === 'root' ? 'root' : from.name
    const access = {
      address: sshd.address(0),
      port: sshd.port,
      credentialId,
      hostKey: sshd.hostKeys[0],
    }
    const host = { hostId: 'h', name: 'h', access, jumps: [], vars: {} }
    const secret = () => secretRef('unused')
    return carryOn({ driver: own.driver, host, secret }, action, { signal })
  }
  const as = (runAs: RunAs) => ({ runAs })

  beforeAll(async () => {
    sshd = await startSshd()
    own = testDriver()
    own.credential('root', 'root', { key: sshd.key.privateKey })
    own.secret('wrong', 'not the password')
    own.secret('token', `s3cret 'quoted' $x\nsecond line`)
    free = account({ sudo: 'free' })
    asked = account({ sudo: 'asked' })
    plain = account({})
  })
  afterAll(async () => {
    await own?.driver.close()
    await sshd?.stop()
    for (const one of accounts) one.remove()
  })

  const everyWay: readonly (readonly [string, () => readonly [Account | 'root', RunAs]])[] = [
    ['sudo without a password', () => [free, { user: 'root', method: 'sudo' }]],
    [
      'sudo with a password',
      () => [asked, { user: 'root', method: 'sudo', password: passwordOf(asked) }],
    ],
    [
      'sudo that does not ask for the password it could have',
      () => [free, { user: plain.name, method: 'sudo', password: passwordOf(free) }],
    ],
    ['su without a password, as root', () => ['root', { user: plain.name, method: 'su' }]],
    [
      'su with a password',
      () => [plain, { user: asked.name, method: 'su', password: passwordOf(asked) }],
    ],
    [
      'su that does not ask for the password it could have',
      () => ['root', { user: asked.name, method: 'su', password: passwordOf(asked) }],
    ],
  ]

  for (const [name, way] of everyWay) {
    describe(name, () => {
      it('runs the command as that account, and nothing of the password is left in the output', async () => {
        const [from, runAs] = way()
        const { end, stdout, stderr } = await carry(from, shell('id -un; exit 4', as(runAs)))
        expect(end).toMatchObject({ state: 'failed', reason: 'exit', exit: 4 })
        expect(stdout.toString()).toBe(`${runAs.user}\n`)
        expect(stderr.toString()).toBe('')
      })

      it('hands over variables, secrets and input whole, and no more', async () => {
        const [from, runAs] = way()
        const stdin = Buffer.from(Array.from({ length: 700 }, (_, n) => (n * 7) % 128)).toString()
        const { end, stdout } = await carry(
          from,
          shell('printf "%s|%s|" "$PLAIN" "$TOKEN"; cat', {
            ...as(runAs),
            env: { PLAIN: `it's`, TOKEN: secretRef('token') },
            stdin,
          }),
        )
        expect(end.state).toBe('ok')
        expect(stdout.toString()).toBe(`it's|s3cret 'quoted' $x\nsecond line|${stdin}`)
        const none = await carry(from, shell('cat; echo done', as(runAs)))
        expect(none.stdout.toString()).toBe('done\n')
      })

      it('runs scripts and copies', async () => {
        const [from, runAs] = way()
        const ran = await carry(from, { ...script('cd /\nid -un\nread x\necho end'), ...as(runAs) })
        expect(ran.stdout.toString()).toBe(`${runAs.user}\nend\n`)
        const dest = join(mkdtempSync(join(tmpdir(), 'om-runas-copy-')), 'file')
        const { uid, gid } = idsOf(runAs.user)
        chownSync(join(dest, '..'), uid, gid)
        const text = 'öne\n\ttwo\\n%s\0three\n'
        const copied = await carry(from, { kind: 'copy', source: { text }, dest, ...as(runAs) })
        expect(copied.end).toMatchObject({ state: 'ok', changed: true })
        expect(readFileSync(dest, 'utf8')).toBe(text)
        expect(statSync(dest).uid).toBe(uid)
        rmSync(join(dest, '..'), { recursive: true })
      })

      it('is really gone after an abort', async () => {
        const [from, runAs] = way()
        const pids = join(tmpdir(), `om-pids-${process.pid}-${Math.trunc(performance.now())}`)
        const stop = new AbortController()
        const text = `umask 0; echo $$ >${pids}; sleep 600 & sleep 600 | cat`
        const carried = carry(from, shell(text, as(runAs)), stop.signal)
        const [pid = 0] = await pidsIn(pids, 1)
        expect(isAlive(pid)).toBe(true)
        stop.abort('abort')
        const { end } = await withinGrace(carried)
        expect([end.leftRunning, isAlive(pid)]).toEqual(['no', false])
        rmSync(pids)
      })
    })
  }

  const refused: readonly (readonly [string, () => readonly [Account, RunAs]])[] = [
    ['sudo that needs a password and has none', () => [asked, { user: 'root', method: 'sudo' }]],
    [
      'sudo with a wrong password',
      () => [asked, { user: 'root', method: 'sudo', password: secretRef('wrong') }],
    ],
    [
      'sudo for an account without the right',
      () => [plain, { user: 'root', method: 'sudo', password: passwordOf(plain) }],
    ],
    ['sudo to an account that does not exist', () => [free, { user: 'no-such', method: 'sudo' }]],
    ['su without the password it needs', () => [plain, { user: asked.name, method: 'su' }]],
    [
      'su with a wrong password',
      () => [plain, { user: asked.name, method: 'su', password: secretRef('wrong') }],
    ],
    [
      'su to an account that does not exist',
      () => [plain, { user: 'no-such', method: 'su', password: secretRef('wrong') }],
    ],
  ]
  for (const [name, way] of refused) {
    it(`${name} is refused, and nothing runs`, async () => {
      const [from, runAs] = way()
      const file = join(tmpdir(), `om-acted-${process.pid}`)
      const action = shell(`touch ${file}`, { ...as(runAs), stdin: 'one\ntwo\nthree\nfour\n' })
      const { end, stdout } = await carry(from, action)
      expect(end).toMatchObject({ state: 'failed', reason: 'runAsRefused' })
      expect(end.message).toBeTruthy()
      expect(end.message).not.toContain('not the password')
      expect(stdout.toString()).toBe('')
      expect(existsSync(file)).toBe(false)
    })
  }

  const shells = [
    '/bin/bash',
    '/bin/dash',
    '/usr/bin/tcsh',
    '/usr/bin/fish',
    '/usr/bin/zsh',
  ].filter((shell) => existsSync(shell))
  for (const loginShell of shells) {
    it(`works for an account whose shell is ${loginShell}`, async () => {
      const user = account({ shell: loginShell, sudo: 'free' })
      const text = `printf '%s ' 'a\\b' "it's" '!x' '\\\\' "$((1+2))"; for i in 1 2; do printf '%s ' $i; done`
      const one = await carry(user, shell(text))
      expect(one.stdout.toString()).toBe(`a\\b it's !x \\\\ 3 1 2 `)
      const lines = await carry(
        user,
        shell(`cat <<'E'\nit's \\ "!" $x %s\nE\nprintf '%s\\n' "two"\n`),
      )
      expect(lines.stdout.toString()).toBe(`it's \\ "!" $x %s\ntwo\n`)
      const root = await carry(user, shell('id -un\nid -un', as({ user: 'root', method: 'sudo' })))
      expect(root.stdout.toString()).toBe('root\nroot\n')
      const ran = await carry(user, script(`printf '%s\\n' "it's" '!' '\\'`))
      expect(ran.stdout.toString()).toBe(`it's\n!\n\\\n`)
    })
  }

  it('fails plainly for an account that has no shell', async () => {
    const user = account({ shell: '/usr/sbin/nologin' })
    const { end } = await carry(user, shell('echo hello'))
    expect(end.state).toBe('failed')
  })
})

const idsOf = (user: string): { uid: number; gid: number } => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${user}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}
