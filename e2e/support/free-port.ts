// A port that nobody listens on. Bound at once by whoever asks; in between another may take it.

import { once } from 'node:events'
import { createServer } from 'node:net'

/** @param address that the port must be free on: 0.0.0.0 is every one */
export const freePort = async (address = '127.0.0.1'): Promise<number> => {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const bound = server.address()
  server.close()
  await once(server, 'close')
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return bound.port
}
