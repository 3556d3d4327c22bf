// Detached commands over a real sshd that goes away: the connection, the server, the disk; and under other accounts.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LeafAction, type OutputStream, type RunAs, secretRef } from '@omserver/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Account,
  accountsMissing,
  makeAccount,
  sudoMissing,
} from '../../../../../e2e/support/account.ts'
import { makeSmallDisk, smallDiskMissing } from '../../../../../e2e/support/small-disk.ts'
import { type Sshd, sshdMissing, startSshd } from '../../../../../e2e/support/sshd.ts'
import {
  type CarryOptions,
  carry as carryOn,
  isAlive,
  pidsIn,
  shell,
  withinGrace,
} from '../conformance/case-kit.ts'
import { type TestDriver, testDriver } from './test-driver.ts'

const missing = sshdMissing()

describe.skipIf(missing !== undefined)(`detached${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let sshd: Sshd
  let own: TestDriver
  let root: string
  let folder: string
  let attempt = 0

  const carry = (action: LeafAction, options: CarryOptions & { readonly login?: string } = {}) => {
    const { login: credentialId = 'root', ...rest } = options
    const access = {
      address: sshd.address(0),
      port: sshd.port,
      credentialId,
      hostKey: sshd.hostKeys[0],
    }
    const host = { hostId: 'h', name: 'h', access, jumps: [], vars: {} }
    const secret = () => secretRef('unused')
    return carryOn({ driver: own.driver, host, secret }, action, {
      detached: { attempt, resume: false },
      ...rest,
    })
  }
  /** Resolves when the host has said so. */
  const watcher = (text: string) => {
    const heard = Promise.withResolvers<void>()
    let said = ''
    return {
      heard: heard.promise,
      output: (_stream: OutputStream, bytes: Uint8Array) => {
        said += Buffer.from(bytes).toString()
        if (said.includes(text)) heard.resolve()
        return undefined
      },
    }
  }
  const waiting = () =>
    shell(
      `echo x >>${folder}/ran; echo one; while [ ! -e ${folder}/go ]; do sleep 0.1; done; echo two; exit 5`,
    )
  const go = () => writeFileSync(join(folder, 'go'), '')

  beforeAll(async () => {
    sshd = await startSshd()
    root = mkdtempSync(join(tmpdir(), 'om-ssh-detached-'))
    chmodSync(root, 0o1777)
    own = testDriver({ spools: root })
    own.credential('root', sshd.user, { key: sshd.key.privateKey })
  })
  beforeEach(() => {
    attempt++
    folder = join(root, `case-${attempt}`)
    execFileSync('mkdir', ['-m', '1777', folder])
  })
  afterAll(async () => {
    await own?.driver.close()
    await sshd?.stop()
    if (root) rmSync(root, { recursive: true, force: true })
  })

  it('goes on when every connection is cut, again and again', async () => {
    const one = watcher('one')
    const running = carry(waiting(), { output: one.output })
    await one.heard
    sshd.killConnections()
    await carry(shell('true'), { detached: undefined })
    sshd.killConnections()
    go()
    const { end, stdout } = await running
    expect([end.state, end.exit, stdout.toString()]).toEqual(['failed', 5, 'one\ntwo\n'])
    expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('x\n')
  })

  it('goes on when sshd dies, and is found by the one after it', async () => {
    const one = watcher('one')
    const leave = new AbortController()
    const running = carry(waiting(), { output: one.output, signal: leave.signal, stored: false })
    await one.heard
    const { port } = sshd
    process.kill(sshd.pid, 'SIGKILL')
    await sshd.stop()
    go()
    // It has other keys: whoever waits is not let in any more, and another comes.
    sshd = await startSshd({ port })
    own.credential('root', sshd.user, { key: sshd.key.privateKey })
    leave.abort('leave')
    expect((await running).end.state).toBe('lost')
    const found = await carry(waiting(), { detached: { attempt, resume: true } })
    expect([found.end.exit, found.stdout.toString()]).toEqual([5, 'one\ntwo\n'])
    expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('x\n')
  }, 60_000)

  it('told to stop while the host cannot be reached, says that it does not know', async () => {
    const one = watcher('one')
    const abort = new AbortController()
    const running = carry(waiting(), { output: one.output, signal: abort.signal })
    await one.heard
    const { port } = sshd
    await sshd.stop()
    abort.abort('abort')
    const { end } = await withinGrace(running)
    expect([end.state, end.leftRunning]).toEqual(['lost', 'unknown'])
    sshd = await startSshd({ port })
    own.credential('root', sshd.user, { key: sshd.key.privateKey })
    go()
    const later = await carry(waiting(), { detached: { attempt, resume: true } })
    expect(later.end.exit).toBe(5)
  })

  it('a great deal of output comes through a cut whole', async () => {
    const first = watcher('99\n')
    const running = carry(shell('i=0; while [ $i -lt 40000 ]; do echo $i; i=$((i+1)); done'), {
      output: first.output,
    })
    await first.heard
    sshd.killConnections()
    const { stdout } = await running
    expect(stdout.toString()).toBe(Array.from({ length: 40_000 }, (_, n) => `${n}\n`).join(''))
  })

  it('runs at most once, whenever its connections are cut', async () => {
    for (let cut = 0; cut < 12; cut++) {
      attempt++
      const file = join(folder, `ran-${cut}`)
      const running = carry(shell(`echo x >>${file}; echo done`))
      // From before it is sent to after it has ended.
      await sleep(cut * 15)
      sshd.killConnections()
      const { end, stdout } = await running
      const ran = existsSync(file) ? readFileSync(file, 'utf8') : ''
      if (end.state === 'ok') expect([ran, stdout.toString()]).toEqual(['x\n', 'done\n'])
      else {
        expect(['lost', 'unreachable']).toContain(end.state)
        if (end.leftRunning === 'no') expect(ran).toBe('')
      }
    }
  }, 120_000)

  const noDisk = smallDiskMissing()
  it.skipIf(noDisk !== undefined)(
    'a full disk of the host starts nothing, or loses output and not the end',
    async () => {
      const disk = makeSmallDisk(4)
      const small = testDriver({ spools: disk.folder })
      try {
        small.credential('root', sshd.user, { key: sshd.key.privateKey })
        const on = (action: LeafAction, nth: number) => {
          const access = {
            address: sshd.address(0),
            port: sshd.port,
            credentialId: 'root',
            hostKey: sshd.hostKeys[0],
          }
          const host = { hostId: 'h', name: 'h', access, jumps: [], vars: {} }
          return carryOn(
            { driver: small.driver, host, secret: () => secretRef('unused') },
            action,
            {
              detached: { attempt: nth, resume: false },
            },
          )
        }
        disk.fill()
        const refused = await on(shell(`: >${folder}/ran`), 1)
        expect([refused.end.state, refused.end.reason]).toEqual(['failed', 'driverError'])
        expect(refused.end.message).toMatch(/no space|cannot be made/)
        expect(existsSync(join(folder, 'ran'))).toBe(false)
        disk.free()
        const fills = `echo one; cat /dev/zero >${disk.folder}/more 2>/dev/null; echo two; exit 6`
        const { end } = await on(shell(fills), 2)
        expect(end.exit).toBe(6)
      } finally {
        await small.driver.close()
        disk.remove()
      }
    },
  )

  const noAccounts = accountsMissing() ?? sudoMissing()
  describe.skipIf(noAccounts !== undefined)('as another account', () => {
    const accounts: Account[] = []
    afterAll(() => {
      for (const one of accounts) one.remove()
    })
    const account = (options: Parameters<typeof makeAccount>[0]): Account => {
      const made = makeAccount(options)
      accounts.push(made)
      own.credential(made.name, made.name, { key: sshd.key.privateKey })
      own.secret(made.name, made.password)
      return made
    }
    const ways: readonly (readonly [string, () => { login: string; runAs: RunAs }])[] = [
      [
        'sudo',
        () => ({ login: account({ sudo: 'free' }).name, runAs: { user: 'root', method: 'sudo' } }),
      ],
      [
        'sudo with a password',
        () => {
          const { name } = account({ sudo: 'asked' })
          return { login: name, runAs: { user: 'root', method: 'sudo', password: secretRef(name) } }
        },
      ],
      ['su', () => ({ login: 'root', runAs: { user: account({}).name, method: 'su' } })],
      [
        'su with a password',
        () => {
          const { name } = account({})
          return { login: name, runAs: { user: name, method: 'su', password: secretRef(name) } }
        },
      ],
    ]
    it.each(ways)('%s', async (_name, way) => {
      const { login, runAs } = way()
      const uid = execFileSync('id', ['-u', runAs.user]).toString().trim()
      const spools = (): readonly string[] => {
        const folder = join(root, `omserver-${uid}`)
        return existsSync(folder) ? readdirSync(folder) : []
      }
      // Those of cases before, where what was never to begin is kept from beginning.
      const others = new Set(spools())
      own.secret('token', 'two\nlines')
      const action = shell(
        `id -un; echo "$OM_TEST_TOKEN"; cat; echo $$ >>${folder}/pids; chmod 666 ${folder}/pids; exec sleep 600`,
        { runAs, env: { OM_TEST_TOKEN: secretRef('token') }, stdin: 'input\n' },
      )
      const said = watcher('input')
      const leave = new AbortController()
      const first = carry(action, {
        login,
        output: said.output,
        signal: leave.signal,
        stored: false,
      })
      await said.heard
      const [pid = 0] = await pidsIn(join(folder, 'pids'), 1)
      leave.abort('leave')
      const { stdout } = await first
      expect(stdout.toString()).toBe(`${runAs.user}\ntwo\nlines\ninput\n`)
      expect(isAlive(pid)).toBe(true)
      const abort = new AbortController()
      const again = watcher('input')
      const second = carry(action, {
        login,
        detached: { attempt, resume: true },
        output: again.output,
        signal: abort.signal,
      })
      await again.heard
      abort.abort('abort')
      const { end } = await withinGrace(second)
      expect([end.leftRunning, end.signal]).toEqual(['no', 'SIGTERM'])
      expect(isAlive(pid)).toBe(false)
      await expect
        .poll(() => spools().filter((one) => !others.has(one)), { timeout: 30_000 })
        .toEqual([])
    })
  })
})
