// A stream of events that lives for hours must not hold on to what it has sent.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Fastify from 'fastify'
import { expect, it } from 'vitest'
import type { SseEvent } from './handler.ts'
import { sendEvents } from './send-events.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

it('forgets an event once it is sent, while the stream goes on', async () => {
  const sent: WeakRef<object>[] = []
  const waiting = Promise.withResolvers<void>()
  const over = new AbortController()
  async function* events(): AsyncGenerator<SseEvent> {
    for (let n = 0; n < 500; n += 1) {
      const data = { n, pad: 'x'.repeat(1000) }
      sent.push(new WeakRef(data))
      yield { data }
    }
    waiting.resolve()
    await new Promise((resolve) => over.signal.addEventListener('abort', resolve))
  }
  const app = Fastify()
  app.get('/', (_request, reply) =>
    sendEvents(reply, {
      events: events(),
      signal: over.signal,
      stillAllowed: async () => true,
      log: { error: () => {} },
    }),
  )
  const response = await fetch(await app.listen({ port: 0, host: '127.0.0.1' }))
  const reading = response.text().catch(() => '')
  await waiting.promise
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const held = sent.filter((one) => one.deref() !== undefined)
  expect(held.length).toBeLessThan(10)
  over.abort()
  await reading
  await app.close()
})
