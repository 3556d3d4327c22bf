import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { authRoutes } from './auth.ts'
import { ApiError, createClient } from './client.ts'
import { hostRoutes } from './hosts.ts'
import { runRoutes } from './runs.ts'
import { settingsRoutes } from './settings.ts'

let server: Server
let baseUrl: string
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void
const asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] =
  []

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body,
    })
    answer(request, response, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  asked.length = 0
  answer = (_request, response) => json(response, 200, {})
})

const json = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

describe('call', () => {
  it('writes parameters, query and body where the route has them', async () => {
    const client = createClient({ baseUrl: `${baseUrl}/`, token: 'om_x', lang: 'zh' })
    await client.call(hostRoutes.change, { params: { id: 'a/b 中' }, body: { port: 23 } })
    await client.call(hostRoutes.list, { query: { text: 'a&b', limit: 5, cursor: undefined } })
    expect(asked).toMatchObject([
      {
        method: 'PATCH',
        url: '/api/hosts/a%2Fb%20%E4%B8%AD',
        body: '{"port":23}',
        headers: { authorization: 'Bearer om_x', 'accept-language': 'zh' },
      },
      { method: 'GET', url: '/api/hosts?text=a%26b&limit=5', body: '' },
    ])
    expect(asked[1]?.headers['content-type']).toBeUndefined()
  })

  it('keeps the session and its CSRF token from sign-in on', async () => {
    answer = (_request, response) => {
      response.setHeader('set-cookie', 'om_session=secret; Path=/; HttpOnly')
      json(response, 200, { csrf: 'c1' })
    }
    const client = createClient({ baseUrl, keepCookies: true })
    await client.call(authRoutes.login, { body: { name: 'a', password: 'b' } })
    await client.call(settingsRoutes.change, { body: {} })
    await client.call(settingsRoutes.read, {})
    expect(asked[0]?.headers['x-om-csrf']).toBeUndefined()
    expect(asked[1]?.headers).toMatchObject({ cookie: 'om_session=secret', 'x-om-csrf': 'c1' })
    expect(asked[2]?.headers['x-om-csrf']).toBeUndefined()
    answer = (_request, response) => {
      response.setHeader('set-cookie', 'om_session=; Max-Age=0')
      json(response, 200, { ok: true })
    }
    await client.call(authRoutes.logout, {})
    await client.call(settingsRoutes.read, {})
    expect(asked.at(-1)?.headers.cookie).toBeUndefined()
  })

  it('throws what the server says, and says so when it is no OMServer that speaks', async () => {
    const error = { code: 'RUN_UNKNOWN', message: { zh: '无', en: 'none' }, details: { run: 'x' } }
    answer = (_request, response) => json(response, 404, { error })
    const client = createClient({ baseUrl })
    const thrown = await client
      .call(runRoutes.show, { params: { id: 'x' } })
      .catch((e: unknown) => e)
    expect(thrown).toBeInstanceOf(ApiError)
    expect(thrown).toMatchObject({
      status: 404,
      code: 'RUN_UNKNOWN',
      text: error.message,
      details: { run: 'x' },
    })
    answer = (_request, response) => response.writeHead(502).end('<html>Bad Gateway')
    await expect(client.call(settingsRoutes.read, {})).rejects.toMatchObject({
      status: 502,
      code: 'HTTP',
      text: { zh: expect.stringContaining('代理') },
    })
  })
})

describe('events', () => {
  const follow = (options = {}) =>
    createClient({ baseUrl, token: 'om_x' }).events(runRoutes.events, {
      params: { id: 'r1' },
      ...options,
    })
  const stream = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' })
  const event = (id: number) => `id: ${id}\ndata: {"type":"host.started","n":${id}}\n\n`

  it('puts events together however their bytes are cut, and passes over comments', async () => {
    const text = `: open\n\n${event(1)}: \n\ndata: {"type":\ndata: "x",\ndata: "zh":"结果"}\n\n${event(2)}event: end\ndata: {}\n\n`
    const bytes = Buffer.from(text)
    answer = async (_request, response) => {
      stream(response)
      for (const byte of bytes) {
        response.write(Uint8Array.of(byte))
        if (byte % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    }
    let heard = 0
    const seen = await Array.fromAsync(
      follow({
        onHeard: () => {
          heard += 1
        },
      }),
    )
    // The comments too: they are how a page knows that silence is not a broken line.
    expect(heard).toBe(6)
    expect(seen).toEqual([
      { id: '1', data: { type: 'host.started', n: 1 } },
      { id: undefined, data: { type: 'x', zh: '结果' } },
      { id: '2', data: { type: 'host.started', n: 2 } },
    ])
  })

  it('comes back after a cut in the middle of an event, without losing or repeating one', async () => {
    answer = (request, response) => {
      const last = Number(request.headers['last-event-id'] ?? 0)
      stream(response)
      if (last === 0) response.write(event(1) + event(2).slice(0, 12), () => response.destroy())
      else response.end(`${event(last + 1)}event: end\n\n`)
    }
    const seen = await Array.fromAsync(follow())
    expect(seen.map(({ id }) => id)).toEqual(['1', '2'])
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1'])
  })

  it('begins after the id it is given', async () => {
    answer = (_request, response) => stream(response).end('event: end\n\n')
    await Array.fromAsync(follow({ after: '41' }))
    expect(asked[0]?.headers['last-event-id']).toBe('41')
  })

  it('waits for a server that is restarting, and gives up on one that says no', async () => {
    let n = 0
    answer = (_request, response) => {
      n += 1
      if (n === 1) stream(response).end(event(1))
      else if (n === 2) response.writeHead(503).end()
      else
        json(response, 401, {
          error: { code: 'SESSION_EXPIRED', message: { zh: '', en: '' }, details: {} },
        })
    }
    const events = follow()
    expect((await events.next()).value?.id).toBe('1')
    await expect(events.next()).rejects.toMatchObject({ code: 'SESSION_EXPIRED' })
    expect(n).toBe(3)
  })

  it('throws at once when the server was never reached', async () => {
    const events = createClient({ baseUrl: 'http://127.0.0.1:1' }).events(runRoutes.events, {
      params: { id: 'r1' },
    })
    await expect(events.next()).rejects.toThrow('fetch failed')
  })

  it('ends quietly when the reader has had enough', async () => {
    const closed = Promise.withResolvers<void>()
    answer = (_request, response) => {
      response.on('close', () => closed.resolve())
      stream(response).write(event(1))
    }
    const stop = new AbortController()
    const seen: unknown[] = []
    for await (const one of follow({ signal: stop.signal })) {
      seen.push(one.id)
      stop.abort()
    }
    expect(seen).toEqual(['1'])
    await closed.promise
  })
})
