// What is sent besides JSON: downloads, the pages of the web app, streams of events; and the headers of all of it.

import { request as httpRequest } from 'node:http'
import { ApiError, createClient } from '@omserver/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { createHttpServer } from './http-server.ts'
import { contentDisposition } from './send-file.ts'
import {
  type HttpTest,
  logged,
  optionsOf,
  people,
  routes,
  seen,
  startHttp,
} from './testing/start-http.ts'

let server: HttpTest
let url: string
beforeAll(async () => {
  server = await startHttp()
  url = server.url
})
afterAll(() => server.close())

describe('files and pages', () => {
  it('streams a download under its name', async () => {
    const response = await fetch(`${url}/api/file`)
    expect(await response.text()).toBe('第一second')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="__ _web-1_.txt"; filename*=UTF-8''%E8%BE%93%E5%87%BA%20%22web-1%22.txt`,
    )
  })

  it('keeps line breaks and folders out of a file name', () => {
    expect(contentDisposition('a\r\nset-cookie: x/../b')).toBe(
      `attachment; filename="a__set-cookie: x_.._b"; filename*=UTF-8''a__set-cookie%3A%20x_.._b`,
    )
  })

  it('serves the page for every address of the web app, and hashed files for ever', async () => {
    for (const path of ['/', '/runs/0192']) {
      const page = await fetch(url + path)
      expect(await page.text()).toContain('<title>OMServer')
      expect(page.headers.get('cache-control')).toBe('no-cache')
    }
    const asset = await fetch(`${url}/assets/main-abc123.js`, {
      headers: { 'accept-encoding': 'br' },
    })
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(asset.headers.get('content-encoding')).toBe('br')
    expect(await asset.text()).toBe('export {}')
    expect((await fetch(`${url}/assets/main-old.js`)).status).toBe(404)
    expect((await fetch(`${url}/..%2f..%2fetc/passwd.txt`)).status).toBe(404)
  })

  it('serves the page of a host whose name ends like a file to a browser, and to nobody else', async () => {
    const asked = (accept: string) => fetch(`${url}/hosts/db.example`, { headers: { accept } })
    expect(await (await asked('text/html,*/*;q=0.8')).text()).toContain('<title>OMServer')
    expect((await asked('*/*')).status).toBe(404)
    const asset = await fetch(`${url}/assets/main-old.js`, { headers: { accept: 'text/html' } })
    expect(asset.status).toBe(404)
  })

  it('takes a way out of its folder for an address that is not there, and logs nothing', async () => {
    logged.length = 0
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    const { hostname, port } = new URL(url)
    httpRequest({ hostname, port, path: '/../package.json' }, ({ statusCode }) =>
      resolve(statusCode),
    ).end()
    expect(await promise).toBe(404)
    expect(logged).toEqual([])
  })

  it('compresses what is large', async () => {
    const response = await fetch(`${url}/api/big`, { headers: { 'accept-encoding': 'br' } })
    expect(response.headers.get('content-encoding')).toBe('br')
    expect(await response.json()).toHaveLength(5000)
  })

  it('sends the headers that protect a browser with every answer', async () => {
    for (const path of ['/', '/api/read', '/api/nothing', '/api/docs', '/api/openapi.json']) {
      const { headers } = await fetch(url + path)
      expect(headers.get('content-security-policy')).toMatch(/script-src 'self';/)
      expect(headers.get('content-security-policy')).not.toContain('unsafe-eval')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('strict-transport-security')).toBeNull()
    }
  })

  it('shows the contract without any script', async () => {
    const page = await (await fetch(`${url}/api/docs`)).text()
    expect(page).toContain('/api/echo/{name}')
    expect(page).not.toContain('<script')
    // Else a browser asks for one that is not there.
    expect(page).toContain('<link rel="icon" href="/favicon.svg"')
  })
})

describe('events', () => {
  const client = () => createClient({ baseUrl: url, token: 'root' })
  const kind = (name: z.input<typeof routes.events.query>['kind']) => ({ query: { kind: name } })

  it('ends when the server says so', async () => {
    const numbers: number[] = []
    for await (const event of client().events(routes.events, kind('three'))) {
      numbers.push(event.data.n)
    }
    expect(numbers).toEqual([1, 2, 3])
  })

  it('goes on after the last event when the connection breaks', async () => {
    seen.lastEventIds = []
    const numbers: number[] = []
    const states: string[] = []
    const events = client().events(routes.events, {
      ...kind('breaks'),
      onState: (state) => states.push(state),
    })
    for await (const event of events) numbers.push(event.data.n)
    expect(numbers).toEqual([1, 2, 3])
    expect(seen.lastEventIds).toEqual(['', '1', '2', '3'])
    expect(states).toEqual(['open', 'lost', 'open', 'lost', 'open', 'lost', 'open'])
  })

  it('answers a refusal as an error, before anything is streamed', async () => {
    const events = client().events(routes.events, kind('refused'))
    const error = await events.next().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'RUN_UNKNOWN', status: 404 })
  })

  it('tells the handler when the reader is gone', async () => {
    const events = client().events(routes.events, kind('forever'))
    expect((await events.next()).value?.data).toEqual({ n: 1 })
    await events.return()
    await seen.foreverEnded.promise
  })

  it('shows signs of life while nothing happens, uncompressed', async () => {
    const stop = new AbortController()
    const response = await fetch(`${url}/api/events?kind=forever`, {
      headers: { authorization: 'Bearer root' },
      signal: stop.signal,
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      if (text.includes('\n\n: \n\n')) break
    }
    stop.abort()
  })

  it('ends the stream of a session that is revoked', async () => {
    people.set('gone', { role: 'viewer', mustChangePassword: false })
    const events = createClient({ baseUrl: url, token: 'gone' }).events(
      routes.events,
      kind('forever'),
    )
    await events.next()
    people.delete('gone')
    await expect(events.next()).rejects.toMatchObject({ code: 'SESSION_EXPIRED' })
  })

  it('makes no more events than a slow reader takes', async () => {
    seen.flood = 0
    const response = Promise.withResolvers<import('node:http').IncomingMessage>()
    const request = httpRequest(
      `${url}/api/events?kind=flood`,
      { headers: { authorization: 'Bearer root' } },
      response.resolve,
    )
    request.end()
    const stream = await response.promise
    stream.pause()
    // Wait until the count stands still: what the buffers of both ends hold has been made.
    let before = -1
    while (before !== seen.flood) {
      before = seen.flood
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    expect(seen.flood).toBeGreaterThan(0)
    expect(seen.flood).toBeLessThan(400)
    stream.destroy()
  })

  it('lets the server close while streams are open', async () => {
    const other = await createHttpServer(optionsOf())
    const address = await other.listen({ port: 0, host: '127.0.0.1' })
    const events = createClient({ baseUrl: address, token: 'root' }).events(routes.events, {
      ...kind('forever'),
      retryForMs: 0,
    })
    await events.next()
    await other.close()
    await expect(events.next()).rejects.toThrow()
  })
})
