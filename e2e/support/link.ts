// The way between two machines, as one that can be frozen: what is sent then arrives when it is over, as TCP has it,
// even if who sent it has long given up.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Link {
  readonly port: number
  /** A black hole in both directions, for connections that are made meanwhile, too. */
  freeze(): void
  thaw(): void
  close(): void
}

/** @param port where it listens, of the loopback; 0: any that is free */
export const openLink = async (to: number, host = '127.0.0.1', port = 0): Promise<Link> => {
  const open = new Set<Socket>()
  const held: (() => void)[] = []
  let frozen = false
  const keep = (socket: Socket): void => {
    open.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
    if (frozen) socket.pause()
  }
  const pass = (from: Socket, into: Socket): void => {
    from.on('data', (bytes) => {
      if (!into.write(bytes)) from.pause()
    })
    into.on('drain', () => {
      if (!frozen) from.resume()
    })
    // After what is still on its way, and not while nothing gets through.
    from.on('end', () => into.end())
    from.on('close', () => {
      if (frozen) held.push(() => into.destroy())
      else into.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(to, host)
    pass(near, far)
    pass(far, near)
    keep(near)
    keep(far)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return {
    port: bound.port,
    freeze: () => {
      frozen = true
      for (const socket of open) socket.pause()
    },
    thaw: () => {
      frozen = false
      for (const socket of open) socket.resume()
      for (const close of held.splice(0)) close()
    },
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
