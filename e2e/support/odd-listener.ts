// TCP listeners that are not what one hopes to find at a host's address.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface OddListener {
  readonly port: number
  /** Connections it has taken since it was started. */
  taken(): number
  close(): void
}

const listen = async (on: (socket: Socket, nth: number) => void): Promise<OddListener> => {
  const open = new Set<Socket>()
  let taken = 0
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
    on(socket, ++taken)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return {
    port: bound.port,
    taken: () => taken,
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

/** Takes the connection and never says a word. */
export const silentListener = (): Promise<OddListener> => listen((socket) => socket.resume())

/** Greets as SSH servers do, and then leaves the handshake where it is. */
export const stuckListener = (): Promise<OddListener> =>
  listen((socket) => {
    socket.resume()
    socket.write('SSH-2.0-stuck\r\n')
  })

/** Breaks off the handshake of the first `times` connections, and from then on leads to the port `to`. */
export const lateListener = (times: number, to: number): Promise<OddListener> =>
  listen((socket, nth) => {
    if (nth <= times) {
      socket.end('SSH-2.0-breaks-off\r\n')
      return
    }
    const behind = connect(to, '127.0.0.1')
    behind.on('error', () => socket.destroy())
    socket.on('close', () => behind.destroy())
    behind.on('close', () => socket.destroy())
    socket.pipe(behind).pipe(socket)
  })
