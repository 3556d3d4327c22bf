// Reaching a host: the connection before any login, host keys, jump hosts, ciphers, and each reason why it can fail.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Access, HostKey } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKey, type Sshd, sshdMissing, startSshd } from '../../../../../e2e/support/sshd.ts'
import { carry as carryOn, shell } from '../conformance/case-kit.ts'
import { openReach, type Reach, target, unused } from './reach.fixture.ts'
import { type TestDriver, testDriver } from './test-driver.ts'

const listen = async (on: (socket: Socket) => void): Promise<{ server: Server; port: number }> => {
  const server = createServer(on).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return { server, port: bound.port }
}

const missing = sshdMissing()
describe.skipIf(missing !== undefined)(
  `reaching hosts${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let sshd: Sshd
    let own: TestDriver
    let access: Reach['access']
    let carry: Reach['carry']

    beforeAll(async () => {
      ;({ sshd, own, access, carry } = await openReach())
    })
    afterAll(async () => {
      await own?.driver.close()
      await sshd?.stop()
    })

    it('tells refused, no route, no name and no answer apart', async () => {
      const reason = async (more: Partial<Access>) =>
        (await carry(access(more), [], 500)).end.reason
      expect(await reason({ port: 1 })).toBe('refused')
      expect(await reason({ address: '255.255.255.255' })).toBe('noRoute')
      expect(await reason({ address: 'no-such-host.invalid' })).toBe('dns')
      const hole = await listen(() => undefined)
      const silent = await carry(access({ address: '127.0.0.1', port: hole.port }), [], 300)
      hole.server.close()
      expect(silent.end).toMatchObject({ state: 'unreachable', reason: 'connectTimeout' })
      expect(silent.end.message).toMatch(/greeting/)
    })

    it('gives up on what is no ssh server', async () => {
      const web = await listen((socket) => {
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      })
      const { end } = await carry(access({ address: '127.0.0.1', port: web.port }), [], 1_000)
      web.server.close()
      expect(end.state).toBe('unreachable')
      expect(['handshakeFailed', 'connectTimeout']).toContain(end.reason)
    })

    describe('host keys', () => {
      it('accepts the first key it sees and reports it, after the host has proven to hold it', async () => {
        const { end, keys, calls } = await carry(
          access({ hostKey: undefined, address: sshd.address(1) }),
        )
        expect(end.state).toBe('ok')
        expect(keys).toEqual([
          {
            hop: 0,
            address: sshd.address(1),
            port: sshd.port,
            hostKey: sshd.hostKeys[0],
            changed: false,
          },
        ])
        expect(calls.indexOf('keySeen')).toBeLessThan(calls.indexOf('started'))
      })

      it('asks a host that has several keys for the pinned one', async () => {
        for (const hostKey of sshd.hostKeys) {
          const { end, keys } = await carry(access({ hostKey, address: sshd.address(2) }))
          expect([hostKey.type, end.state, keys]).toEqual([hostKey.type, 'ok', []])
        }
      })

      it('stops at another key than the pinned one: nothing is sent, the new key is reported', async () => {
        const other = makeKey().publicKey.split(' ')
        const hostKey: HostKey = { type: other[0] ?? '', key: other[1] ?? '' }
        const address = sshd.address(3)
        const before = sshd.log().length
        const { end, keys, calls } = await carry(access({ hostKey, address }))
        expect(end).toMatchObject({ state: 'unreachable', reason: 'hostKeyChanged' })
        expect(end.message).toContain(address)
        expect(calls).toEqual(['keySeen'])
        expect(keys).toMatchObject([{ hop: 0, address, hostKey: sshd.hostKeys[0], changed: true }])
        expect(sshd.log().slice(before)).not.toMatch(/Accepted/)
      })

      it('does not reuse a connection that was opened before another key was pinned', async () => {
        const address = sshd.address(4)
        expect((await carry(access({ hostKey: undefined, address }))).end.state).toBe('ok')
        const [, second] = sshd.hostKeys
        const other = {
          type: second?.type ?? '',
          key: makeKey({ type: 'rsa' }).publicKey.split(' ')[1] ?? '',
        }
        const { end } = await carry(access({ hostKey: other, address }))
        expect(end).toMatchObject({ state: 'unreachable', reason: 'hostKeyChanged' })
      })

      it('rejects a host that shows the pinned key but cannot sign with it', async () => {
        // A man in the middle: the greeting and the key of the host, and a signature with one bit turned.
        const middle = await forgingProxy(sshd.port)
        const { end, calls } = await carry(access({ address: '127.0.0.1', port: middle.port }))
        middle.server.close()
        expect(middle.forged()).toBeGreaterThan(0)
        expect(end).toMatchObject({ state: 'unreachable', reason: 'handshakeFailed' })
        expect(end.message).toMatch(/signature/)
        expect(calls).toEqual([])
      })
    })

    describe('jump hosts', () => {
      it('goes through one and two, and reports the key of every hop', async () => {
        const hop = (n: number) => access({ address: sshd.address(n), hostKey: undefined })
        const one = await carry(hop(10), [hop(11)])
        expect(one.end.state).toBe('ok')
        expect(one.keys.map(({ hop: at, address }) => [at, address])).toEqual([
          [0, sshd.address(10)],
          [1, sshd.address(11)],
        ])
        const two = await carry(hop(12), [hop(13), hop(14)])
        expect(two.end.state).toBe('ok')
        expect(two.keys.map(({ hop: at, address }) => [at, address])).toEqual([
          [0, sshd.address(12)],
          [1, sshd.address(14)],
          [2, sshd.address(13)],
        ])
      })

      it('opens the jump host once for all hosts behind it', async () => {
        const jump = access({ address: sshd.address(20) })
        const before = own.driver.openConnections()
        const all = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            carry(access({ address: sshd.address(21 + n) }), [jump]),
          ),
        )
        expect(all.map(({ end }) => end.state)).toEqual(Array.from({ length: 12 }, () => 'ok'))
        expect(own.driver.openConnections() - before).toBe(13)
      })

      it('says which hop failed, and why', async () => {
        const good1 = access({ address: sshd.address(30) })
        const refused = await carry(access(), [
          good1,
          access({ address: sshd.address(31), port: 1 }),
        ])
        expect(refused.end).toMatchObject({ state: 'unreachable', reason: 'jumpFailed' })
        expect(refused.end.message).toContain(sshd.address(31))
        const id = own.credential('stranger', sshd.user, { key: makeKey().privateKey })
        const login = await carry(access(), [
          access({ credentialId: id, address: sshd.address(32) }),
        ])
        expect(login.end.reason).toBe('jumpFailed')
        expect(login.end.message).toMatch(/jump host 1/)
        const beyond = await carry(access({ port: 1 }), [good1])
        expect(beyond.end.reason).toBe('jumpFailed')
        expect(beyond.calls).toEqual([])
      })

      it('stops at a jump host whose key has changed, and says which', async () => {
        const key = makeKey().publicKey.split(' ')
        const hostKey = { type: key[0] ?? '', key: key[1] ?? '' }
        const jump = access({ address: sshd.address(33), hostKey })
        const { end, keys } = await carry(access({ address: sshd.address(34) }), [jump])
        expect(end).toMatchObject({ state: 'unreachable', reason: 'hostKeyChanged' })
        expect(end.message).toContain(sshd.address(33))
        expect(keys).toMatchObject([{ hop: 1, address: sshd.address(33), changed: true }])
      })
    })

    it('keeps its stream whole while keys are exchanged anew, many times, in both directions', async () => {
      const often = await startSshd({ config: ['RekeyLimit 256K'] })
      try {
        const use = testDriver()
        use.credential('good', often.user, { key: often.key.privateKey })
        const to = access({ port: often.port, hostKey: often.hostKeys[0] })
        const stdin = '0123456789abcdef'.repeat(128 * 1024)
        const { end, stdout } = await carryOn(
          { driver: use.driver, host: target(to), secret: unused },
          shell('cat; echo the end', { stdin }),
        )
        await use.driver.close()
        expect(end.state).toBe('ok')
        expect(stdout.equals(Buffer.from(`${stdin}the end\n`))).toBe(true)
      } finally {
        await often.stop()
      }
    })

    for (const cipher of [
      'aes256-gcm@openssh.com',
      'aes128-ctr',
      'chacha20-poly1305@openssh.com',
    ]) {
      it(`speaks ${cipher} where the server allows nothing else`, async () => {
        const only = await startSshd({ config: [`Ciphers ${cipher}`] })
        try {
          const use = testDriver()
          use.credential('good', only.user, { key: only.key.privateKey })
          const to = access({ port: only.port, hostKey: only.hostKeys[0] })
          const { end, stdout } = await carry(to, [], 10_000, use)
          await use.driver.close()
          expect([end.state, stdout.toString()]).toEqual(['ok', 'hello\n'])
        } finally {
          await only.stop()
        }
      })
    }

    it('waits politely for a server that is too busy to greet', async () => {
      const busy = await startSshd({ config: ['MaxStartups 1:100:1', 'LogLevel VERBOSE'] })
      try {
        const use = testDriver()
        use.credential('good', busy.user, { key: busy.key.privateKey })
        const hosts = Array.from({ length: 4 }, (_, n) => ({
          ...access({ address: busy.address(n), port: busy.port, hostKey: busy.hostKeys[0] }),
        }))
        const all = await Promise.all(hosts.map((host) => carry(host, [], 10_000, use)))
        await use.driver.close()
        expect(all.map(({ end }) => end.state)).toEqual(['ok', 'ok', 'ok', 'ok'])
        expect(busy.log()).toMatch(/drop connection/)
      } finally {
        await busy.stop()
      }
    })
  },
)

/** Passes an SSH handshake on to `port`, but spoils the signature in the server's key exchange reply. */
const forgingProxy = async (port: number) => {
  const { connect } = await import('node:net')
  let forged = 0
  const { server, port: at } = await listen((client) => {
    const upstream = connect(port, '127.0.0.1')
    client.pipe(upstream)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
    upstream.on('end', () => client.end())
    upstream.on('data', (bytes: Buffer) => {
      const mark = bytes.lastIndexOf('ssh-ed25519')
      // The signature follows its type: four bytes of length, then 64 bytes.
      const reply =
        mark > 0 &&
        bytes.includes(Buffer.from([0, 0, 0, 11, ...Buffer.from('ssh-ed25519'), 0, 0, 0, 64]))
      if (reply) {
        bytes = Buffer.from(bytes)
        const last = mark + 11 + 4 + 20
        bytes[last] = (bytes[last] ?? 0) ^ 1
        forged++
      }
      client.write(bytes)
    })
  })
  return { server, port: at, forged: () => forged }
}
