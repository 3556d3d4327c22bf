// Connections over time: shared, limited, kept alive, given up; and what becomes of commands when they break.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { LeafAction } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sshd, sshdMissing, startSshd } from '../../../../../e2e/support/sshd.ts'
import {
  type CarryOptions,
  carry as carryOn,
  eventually,
  isAlive,
  pidsIn,
  shell,
  withinGrace,
} from '../conformance/case-kit.ts'
import type { SshDriverOptions } from './driver.ts'
import { type TestDriver, testDriver } from './test-driver.ts'

const missing = sshdMissing()
describe.skipIf(missing !== undefined)(
  `connections${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let sshd: Sshd
    const drivers: TestDriver[] = []
    let files = 0

    const driverFor = (server: Sshd, options: Partial<SshDriverOptions> = {}): TestDriver => {
      const made = testDriver(options)
      made.credential('c', server.user, { key: server.key.privateKey })
      drivers.push(made)
      return made
    }
    const carry = (
      use: TestDriver,
      action: LeafAction,
      options: CarryOptions & { server?: Sshd; n?: number } = {},
    ) => {
      const { server = sshd, n = 0 } = options
      const access = {
        address: server.address(n),
        port: server.port,
        credentialId: 'c',
        hostKey: server.hostKeys[0],
      }
      const host = { hostId: 'h', name: 'h', access, jumps: [], vars: {} }
      const secret = () => {
        throw new Error('no secrets here')
      }
      return carryOn({ driver: use.driver, host, secret }, action, options)
    }
    const pidFile = () => join(sshd.folder, 'home', `pids-${files++}`)

    beforeAll(async () => {
      sshd = await startSshd()
    })
    afterAll(async () => {
      for (const one of drivers) await one.driver.close()
      await sshd?.stop()
    })

    it('opens one connection for many commands on a host, at once and later', async () => {
      const use = driverFor(sshd)
      const before = sshd.log().split('Accepted').length
      await Promise.all(Array.from({ length: 20 }, () => carry(use, shell('true'), { n: 1 })))
      await carry(use, shell('true'), { n: 1 })
      expect(sshd.log().split('Accepted').length - before).toBe(1)
      expect(use.driver.openConnections()).toBe(1)
    })

    it('opens another one when the credential has changed', async () => {
      const use = driverFor(sshd)
      await carry(use, shell('true'), { n: 2 })
      use.credential('c', sshd.user, { key: sshd.key.privateKey })
      await carry(use, shell('true'), { n: 2 })
      expect(use.driver.openConnections()).toBe(2)
    })

    it('makes few handshakes at a time', async () => {
      let now = 0
      let most = 0
      const server = createServer((socket) => {
        most = Math.max(most, ++now)
        socket.once('close', () => now--)
        socket.on('error', () => undefined)
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const bound = server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0
      const use = driverFor(sshd, { maxHandshakes: 2 })
      const all = await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          carry(use, shell('true'), {
            server: { ...sshd, port, address: (at) => `127.0.0.${at + 1}`, hostKeys: [] },
            n,
            connectTimeoutMs: 100,
          }).catch(() => undefined),
        ),
      )
      server.close()
      expect(all.length).toBe(6)
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(2)
    })

    it('closes a connection that nobody needs, and opens it again when somebody does', async () => {
      const use = driverFor(sshd, { idleMs: 100, keepaliveMs: 100 })
      await carry(use, shell('true'), { n: 3 })
      expect(use.driver.openConnections()).toBe(1)
      await eventually('the idle connection is closed', () => use.driver.openConnections() === 0)
      expect((await carry(use, shell('true'), { n: 3 })).end.state).toBe('ok')
    })

    it('keeps a connection open while a command runs on it, however long it is silent', async () => {
      const use = driverFor(sshd, { idleMs: 100, keepaliveMs: 100 })
      const { end } = await carry(use, shell('sleep 1; echo done'), { n: 4 })
      expect(end.state).toBe('ok')
    })

    it('finds out that the other side is dead, and ends the host as lost', async () => {
      const use = driverFor(sshd, { keepaliveMs: 100 })
      const pids = pidFile()
      const others = new Set(sshd.connections())
      const carried = carry(use, shell(`echo $$ >${pids}; exec sleep 600`), { n: 5 })
      const [pid = 0] = await pidsIn(pids, 1)
      const mine = sshd.connections().filter((one) => !others.has(one))
      expect(mine.length).toBe(1)
      // The machine is gone: no FIN, no RST, nothing.
      for (const one of mine) process.kill(one, 'SIGSTOP')
      const { end } = await carried
      for (const one of mine) process.kill(one, 'SIGKILL')
      process.kill(pid, 'SIGKILL')
      expect(end).toMatchObject({ state: 'lost', reason: 'connectionCut', leftRunning: 'unknown' })
    })

    it('ends a host as lost when its connection is cut in mid-command, with the output so far', async () => {
      const use = driverFor(sshd)
      const others = new Set(sshd.connections())
      const began = Promise.withResolvers<void>()
      const carried = carry(use, shell('echo so far; sleep 10'), {
        n: 6,
        output: () => {
          began.resolve()
          return undefined
        },
      })
      await began.promise
      for (const one of sshd.connections().filter((pid) => !others.has(pid))) {
        process.kill(one, 'SIGKILL')
      }
      const { end, stdout } = await carried
      expect(end).toMatchObject({ state: 'lost', reason: 'connectionCut' })
      expect(stdout.toString()).toBe('so far\n')
    })

    it('takes the connection going away as success where the action ends by it', async () => {
      const use = driverFor(sshd)
      // The parent of the command is the sshd of this connection: like a reboot, seen from here.
      const text = 'kill -9 $PPID; sleep 5'
      const { end } = await carry(use, shell(text, { endsBy: 'disconnect' }), { n: 7 })
      expect(end.state).toBe('ok')
      const usual = await carry(use, shell(text), { n: 7 })
      expect(usual.end.state).toBe('lost')
    })

    it('sends a command over a new connection when the open one turns out dead', async () => {
      const use = driverFor(sshd)
      await carry(use, shell('true'), { n: 8 })
      const pids = pidFile()
      sshd.killConnections()
      // At once: this process has not heard of it yet.
      const { end, calls } = await carry(use, shell(`echo $$ >>${pids}`), { n: 8 })
      expect(end.state).toBe('ok')
      expect(calls.filter((call) => call === 'started').length).toBe(1)
      expect((await pidsIn(pids, 1)).length).toBe(1)
    })

    describe('a server that allows one session a connection', () => {
      let strict: Sshd
      beforeAll(async () => {
        strict = await startSshd({ config: ['MaxSessions 1'] })
      })
      afterAll(() => strict?.stop())

      it('runs all commands, one after the other', async () => {
        const use = driverFor(strict)
        const all = await Promise.all(
          Array.from({ length: 12 }, (_, n) => carry(use, shell(`echo ${n}`), { server: strict })),
        )
        expect(all.map(({ stdout }) => stdout.toString())).toEqual(
          Array.from({ length: 12 }, (_, n) => `${n}\n`),
        )
        for (const { calls } of all) {
          expect(calls.filter((call) => call === 'started').length).toBe(1)
        }
      })

      it('ends a running command over a second connection', async () => {
        const use = driverFor(strict)
        const pids = pidFile()
        const stop = new AbortController()
        const text = `trap '' TERM; echo $$ >${pids}; while :; do sleep 1; done`
        const carried = carry(use, shell(text), { server: strict, signal: stop.signal })
        const [pid = 0] = await pidsIn(pids, 1)
        stop.abort('abort')
        const { end } = await withinGrace(carried)
        expect([end.leftRunning, isAlive(pid)]).toEqual(['no', false])
      })
    })

    it('says that a server allows no session at all', async () => {
      const closed = await startSshd({ config: ['MaxSessions 0'] })
      const use = driverFor(closed)
      const { end } = await carry(use, shell('true'), { server: closed })
      await closed.stop()
      expect(end).toMatchObject({ state: 'unreachable', reason: 'handshakeFailed' })
    })

    it('refuses a command that grows too long for the login shell, before anything is sent', async () => {
      const { end, calls } = await carry(driverFor(sshd), shell(`: '${'\\!\n'.repeat(20_000)}'`))
      expect(end).toMatchObject({ state: 'failed', reason: 'driverError' })
      expect(calls).toEqual([])
    })

    it('leaves nothing open when it is closed', async () => {
      const use = driverFor(sshd)
      const others = new Set(sshd.connections())
      await Promise.all(
        Array.from({ length: 5 }, (_, n) => carry(use, shell('true'), { n: 40 + n })),
      )
      expect(sshd.connections().filter((one) => !others.has(one)).length).toBe(5)
      await use.driver.close()
      expect(use.driver.openConnections()).toBe(0)
      await eventually(
        'the servers of these connections are gone',
        () => sshd.connections().filter((one) => !others.has(one)).length === 0,
      )
    })
  },
)
