// Hosts that do what no honest sshd does, played by a server of ours: late, silent, or gone at the worst moment.

import { once } from 'node:events'
import ssh2, { type Connection as Peer, type ServerChannel, type Session } from 'ssh2'
import { afterEach, describe, expect, it } from 'vitest'
import { makeKey } from '../../../../../e2e/support/sshd.ts'
import { type CarryOptions, carry as carryOn, shell, withinGrace } from '../conformance/case-kit.ts'
import { testDriver } from './test-driver.ts'

const hostKey = makeKey()
const key = makeKey()
const closers: (() => Promise<void>)[] = []

interface Played {
  carry(
    text: string,
    options?: CarryOptions & { readonly runAs?: true; readonly disconnect?: true },
  ): ReturnType<typeof carryOn>
}

/** A host that lets everybody in; `onSession` is asked for each channel before it is opened. */
const play = async (
  onSession: (accept: () => Session, reject: () => void, peer: Peer) => void,
): Promise<Played> => {
  const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (peer) => {
    peer.on('error', () => undefined)
    peer.on('authentication', (context) => context.accept())
    peer.on('session', (accept, reject) => onSession(accept, () => reject(), peer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  const { port } = bound
  const use = testDriver()
  const credentialId = use.credential('c', 'root', { key: key.privateKey })
  closers.push(async () => {
    await use.driver.close()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  const [type = '', blob = ''] = hostKey.publicKey.split(' ')
  const access = { address: '127.0.0.1', port, credentialId, hostKey: { type, key: blob } }
  const host = { hostId: 'h', name: 'h', access, jumps: [], vars: {} }
  const secret = () => {
    throw new Error('no secrets here')
  }
  return {
    carry: (text, { runAs, disconnect, ...options } = {}) =>
      carryOn(
        { driver: use.driver, host, secret },
        shell(text, {
          ...(runAs ? { runAs: { user: 'root', method: 'sudo' } as const } : {}),
          ...(disconnect ? { endsBy: 'disconnect' as const } : {}),
        }),
        options,
      ),
  }
}

/** Accepts sessions, and hands every command over. */
const commands =
  (on: (line: string, channel: ServerChannel, peer: Peer) => void) =>
  (accept: () => Session, _reject: () => void, peer: Peer): void => {
    accept().on('exec', (acceptExec, _rejectExec, { command }) => on(command, acceptExec(), peer))
  }

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

describe('a host that opens the channel only after the abort', () => {
  it('gets no command any more, and the end says that nothing runs there', async () => {
    const seen: string[] = []
    const closed = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<() => void>()
    const host = await play((accept) => {
      asked.resolve(() => {
        accept()
          .on('exec', (_accept, _reject, { command }) => {
            seen.push(command)
            closed.resolve()
          })
          .on('close', () => closed.resolve())
      })
    })
    const stop = new AbortController()
    const carried = host.carry('rm -rf /srv/data', { signal: stop.signal })
    const open = await asked.promise
    stop.abort('abort')
    const { end } = await withinGrace(carried)
    open()
    await closed.promise
    expect([end.leftRunning, seen]).toEqual(['no', []])
  })
})

describe('a host on which the program dies of the abort, and nobody says what it left behind in time', () => {
  it('does not pass for one on which nothing is left running', async () => {
    const begun = Promise.withResolvers<void>()
    let program: ServerChannel | undefined
    const host = await play(
      commands((line, channel) => {
        if (!line.includes('om-left')) {
          program = channel
          begun.resolve()
          return
        }
        // The killer sent its first signal, and is still counting when the deadline passes.
        program?.exit('TERM')
        program?.end()
      }),
    )
    const stop = new AbortController()
    const carried = host.carry('sudo sleep hours', { signal: stop.signal })
    await begun.promise
    stop.abort('timeout')
    expect((await withinGrace(carried)).end.leftRunning).toBe('unknown')
  })
})

describe('an action that ends by the connection going away', () => {
  it('is not ok when sudo had let nobody in by then', async () => {
    const host = await play(
      commands((_line, channel, peer) => {
        channel.stderr.write('[sudo] please wait\n')
        setImmediate(() => peer.end())
      }),
    )
    const { end } = await host.carry('shutdown -r now', { runAs: true, disconnect: true })
    expect(end).toMatchObject({ state: 'lost', reason: 'connectionCut' })
  })
})

describe('commands that run for hours', () => {
  it('do not hold up the ninth command on their host', async () => {
    const host = await play(
      commands((line, channel) => {
        if (line.includes('hours')) return
        channel.write('hello\n')
        channel.exit(0)
        channel.end()
      }),
    )
    const stop = new AbortController()
    const long = Array.from({ length: 8 }, () => host.carry('sleep hours', { signal: stop.signal }))
    const { end, stdout } = await host.carry('echo hello')
    expect([end.state, stdout.toString()]).toEqual(['ok', 'hello\n'])
    stop.abort('abort')
    await Promise.all(long)
  })
})
