// A way to nats-server that a test can spoil: answers swallowed, connections cut, no way through at all.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface LeakyLink {
  readonly url: string
  /** From now on nothing comes back from the server; what is sent to it arrives. */
  swallowAnswers(): void
  /** What the client sends on its nth connection, from 0, stays with it. */
  stall(connection: number): void
  /** Ends every connection; new ones are let through again, if the link is open. */
  cut(): void
  /** Ends every connection, and lets no new one through until `open`. */
  close(): void
  open(): void
  stop(): Promise<void>
}

export const leakyLink = async (target: string): Promise<LeakyLink> => {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const clients: Socket[] = []
  let swallowing = false
  let isOpen = true

  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }

  const server = createServer((client) => {
    if (!isOpen) {
      client.destroy()
      return
    }
    const upstream = connect(Number(port), hostname)
    keep(client, upstream)
    keep(upstream, client)
    clients.push(client)
    client.pipe(upstream)
    upstream.on('data', (data) => {
      if (!swallowing) client.write(data)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  const cut = (): void => {
    swallowing = false
    for (const socket of sockets) socket.destroy()
  }

  return {
    url: `nats://127.0.0.1:${address.port}`,
    swallowAnswers() {
      swallowing = true
    },
    stall(connection) {
      clients[connection]?.unpipe().pause()
    },
    cut,
    close() {
      isOpen = false
      cut()
    },
    open() {
      isOpen = true
    },
    async stop() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
