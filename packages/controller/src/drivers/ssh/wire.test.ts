// What goes over the wire, whatever the network does to it: cut into bits, glued together, altered, held back.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Sshd, sshdMissing, startSshd } from '../../../../../e2e/support/sshd.ts'
import { type CarryOptions, carry as carryOn, eventually, shell } from '../conformance/case-kit.ts'
import { type TestDriver, testDriver } from './test-driver.ts'

type Spoil = (bytes: Buffer, send: (part: Buffer) => void) => void

const missing = sshdMissing()

describe.skipIf(missing !== undefined)(`the wire${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let sshd: Sshd
  let use: TestDriver
  let credentialId: string
  const proxies: Server[] = []

  beforeAll(async () => {
    sshd = await startSshd()
    use = testDriver()
    credentialId = use.credential('c', sshd.user, { key: sshd.key.privateKey })
  })
  afterEach(() => {
    for (const proxy of proxies.splice(0)) proxy.close()
  })
  afterAll(async () => {
    await use?.driver.close()
    await sshd?.stop()
  })

  /** A port behind which sshd is, and what came from it goes through `spoil`. */
  const through = async (spoil: Spoil): Promise<number> => {
    const proxy = createServer((client: Socket) => {
      const upstream = connect({ port: sshd.port, host: '127.0.0.1', noDelay: true })
      client.setNoDelay(true)
      client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
      upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
      client.pipe(upstream)
      upstream.on('data', (bytes: Buffer) => {
        spoil(bytes, (part) => {
          // One that does not read holds back who sends, as without us.
          if (!client.write(part)) upstream.pause()
        })
      })
      client.on('drain', () => upstream.resume())
    }).listen(0, '127.0.0.1')
    proxies.push(proxy)
    await once(proxy, 'listening')
    const bound = proxy.address()
    if (bound === null || typeof bound === 'string') throw new Error('no port')
    return bound.port
  }

  const carry = (port: number, text: string, options?: CarryOptions, stdin?: string) => {
    const access = { address: '127.0.0.1', port, credentialId, hostKey: sshd.hostKeys[0] }
    const host = { hostId: 'h', name: 'h', access, jumps: [], vars: {} }
    const secret = () => {
      throw new Error('no secrets here')
    }
    return carryOn({ driver: use.driver, host, secret }, shell(text, { stdin }), options)
  }

  const numbers = (count: number): string =>
    Array.from({ length: count }, (_, n) => `${n + 1}\n`).join('')

  it('carries output whole when it comes in bits that cut through every part of a packet', async () => {
    let next = 1
    const port = await through((bytes, send) => {
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + next)
        at += part.length
        // 1 … 97 bytes: lengths, bodies and tags are cut at every place.
        next = (next % 97) + 1
        send(part)
      }
    })
    const { end, stdout, stderr } = await carry(port, 'seq 1 3000; seq 1 3000 >&2; exit 3')
    expect(end).toMatchObject({ state: 'failed', exit: 3 })
    expect(stdout.toString()).toBe(numbers(3000))
    expect(stderr.toString()).toBe(numbers(3000))
  })

  it('carries output whole when it comes late and glued together', async () => {
    const port = await through((bytes, send) => {
      setTimeout(() => send(bytes), 30)
    })
    const { end, stdout } = await carry(port, 'for n in 1 2 3 4 5; do echo $n; done')
    expect([end.state, stdout.toString()]).toEqual(['ok', '1\n2\n3\n4\n5\n'])
  })

  it('ends a host as lost when one bit of what it said was altered, and passes nothing of that on', async () => {
    let from: number | undefined
    let seen = 0
    const port = await through((bytes, send) => {
      seen += bytes.length
      if (from !== undefined && seen > from) {
        const bent = Buffer.from(bytes)
        // In the body of the first packet, past its length.
        bent[9] = (bent[9] ?? 0) ^ 1
        send(bent)
      } else send(bytes)
    })
    const { end, stdout } = await carry(port, 'echo before; sleep 0.3; echo after', {
      output: (_stream, bytes) => {
        if (Buffer.from(bytes).includes('before')) from = seen
        return undefined
      },
    })
    expect(end).toMatchObject({ state: 'lost', reason: 'connectionCut' })
    expect(stdout.toString()).toBe('before\n')
  })

  it('holds a host back whose output nobody takes, and then takes all of it', async () => {
    let sent = 0
    const port = await through((bytes, send) => {
      sent += bytes.length
      send(bytes)
    })
    const total = 24 * 1024 * 1024
    const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>()
    let taken = 0
    const carried = carry(port, `head -c ${total} /dev/zero; head -c 1000 /dev/zero >&2`, {
      discard: true,
      output: (_stream, bytes) => {
        taken += bytes.length
        return room
      },
    })
    await eventually('output', () => taken > 0)
    let before = -1
    while (before !== sent) {
      before = sent
      await sleep(300)
    }
    // One window, and what the packets around it weigh.
    expect(sent).toBeLessThan(2.5 * 1024 * 1024)
    makeRoom()
    expect((await carried).end.state).toBe('ok')
    expect(taken).toBe(total + 1000)
  })

  it('gives a program more input than one window holds, and the end of it', async () => {
    const port = await through((bytes, send) => send(bytes))
    const input = 'x'.repeat(5 * 1024 * 1024)
    const { end, stdout } = await carry(port, 'sleep 0.2; wc -c; echo over', {}, input)
    expect([end.state, stdout.toString().trim()]).toEqual(['ok', `${input.length}\nover`])
  })

  it('reads many connections at once through one buffer, and mixes none of them up', async () => {
    const ports = await Promise.all(
      Array.from({ length: 12 }, () => through((bytes, send) => send(bytes))),
    )
    const all = await Promise.all(
      ports.map((port, n) => carry(port, `yes host-${n} | head -c 200000`)),
    )
    for (const [n, { end, stdout }] of all.entries()) {
      const line = `host-${n}\n`
      expect(end.state).toBe('ok')
      expect(stdout.toString()).toBe(
        line.repeat(Math.ceil(200_000 / line.length)).slice(0, 200_000),
      )
    }
  })
})
