// A way to a database that a test may cut: answers are swallowed from a chosen statement on, or the line goes dead.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface LeakyProxy extends AsyncDisposable {
  readonly port: number
  /**
   * From the first packet on in which the client says this: `late` lets it through and swallows the answers,
   * `early` holds it back. Either way the line is cut then; resolves when it is. Later lines are whole.
   */
  cutAt(said: RegExp, when: 'early' | 'late'): Promise<void>
  /** Takes no more lines until `open`. */
  shut(): void
  open(): void
}

/** Long enough for the database to carry a commit out before its session is seen to be gone. */
const SWALLOW_MS = 300

export const startLeakyProxy = async (host: string, port: number): Promise<LeakyProxy> => {
  const lines = new Set<Socket>()
  let isShut = false
  let cut: { said: RegExp; when: 'early' | 'late'; done: () => void } | undefined
  const proxy = createServer((client) => {
    if (isShut) return void client.destroy()
    const server = connect(port, host)
    let swallows = false
    for (const socket of [client, server]) {
      lines.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        lines.delete(socket)
        client.destroy()
        server.destroy()
      })
    }
    client.on('data', (data) => {
      if (!cut?.said.test(data.toString('latin1'))) return void server.write(data)
      const { when, done } = cut
      cut = undefined
      if (when === 'late') {
        swallows = true
        server.write(data)
      }
      setTimeout(
        () => {
          client.destroy()
          done()
        },
        when === 'late' ? SWALLOW_MS : 0,
      )
    })
    server.on('data', (data) => {
      if (!swallows) client.write(data)
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    cutAt: (said, when) =>
      new Promise((done) => {
        cut = { said, when, done }
      }),
    shut: () => {
      isShut = true
      for (const socket of lines) socket.destroy()
    },
    open: () => {
      isShut = false
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of lines) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
