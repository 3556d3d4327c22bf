// A server that takes connections and says nothing is given up; one that works long is not.

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { ExitError } from './exit.ts'
import { patientFetch } from './patient-fetch.ts'

const serve = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${bound.port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

test('a server that never answers is given up, and named', async () => {
  using server = await serve(() => undefined)
  const error = await patientFetch(
    server.url,
    50,
  )(`${server.url}/api/hosts`).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ExitError)
  expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining(server.url) })
})

test('a server that takes its time but says that it is alive is waited for', async () => {
  using server = await serve((request, response) => {
    if (request.url === '/api/health') response.end('{}')
    else setTimeout(() => response.end('done'), 400)
  })
  const response = await patientFetch(server.url, 50)(`${server.url}/api/hosts`)
  expect(await response.text()).toBe('done')
})

test('whoever leaves is not kept waiting', async () => {
  using server = await serve(() => undefined)
  const leave = AbortSignal.timeout(50)
  const asked = patientFetch(server.url, 10_000)(server.url, { signal: leave })
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' })
})
