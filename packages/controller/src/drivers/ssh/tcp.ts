// A TCP connection that is read through one buffer for all: Node would take and give back 64 KiB at every read.

import { connect, type Socket } from 'node:net'

const READ_BYTES = 64 * 1024

// Read into and copied from within one call: no two connections ever use it at the same time.
const shared = Buffer.allocUnsafeSlow(READ_BYTES)

/** Its bytes come as `data` events, as from any socket; nothing is kept for a reader that comes later. */
export const connectTcp = (host: string, port: number): Socket => {
  const sock: Socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (length, bytes) => {
        sock.emit('data', Buffer.from(bytes.subarray(0, length)))
        return true
      },
    },
  })
  return sock
}
