// What a request is asked before it is served: who sends it, what it carries; and what it is told when it fails.

import { route } from '@omserver/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handle } from './handler.ts'
import { createHttpServer } from './http-server.ts'
import {
  type HttpTest,
  handlers,
  logged,
  optionsOf,
  routes,
  startHttp,
  yes,
} from './testing/start-http.ts'

let server: HttpTest
let url: string
beforeAll(async () => {
  server = await startHttp()
  url = server.url
})
afterAll(() => server.close())

const echo = (headers: Record<string, string>, body: unknown = { text: 'hi', flag: true }) =>
  fetch(`${url}/api/echo/a%2Fb?n=3`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly details: {
      readonly issues: readonly { readonly path: string }[]
      readonly problems: { readonly zh: string; readonly en: string }
    }
  }
}
const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error
const codeOf = async (response: Response) => (await errorOf(response)).code
const rooted = { cookie: 'session=root', 'x-om-csrf': 'csrf-root' }

describe('who may', () => {
  it('denies whoever shows no identity, a wrong one, or lacks the permission', async () => {
    const cases: [Record<string, string>, number, string][] = [
      [{}, 401, 'NOT_SIGNED_IN'],
      [{ cookie: 'session=gone' }, 401, 'SESSION_EXPIRED'],
      [{ cookie: 'session=eve', 'x-om-csrf': 'csrf-eve' }, 403, 'FORBIDDEN'],
      [{ cookie: 'session=new', 'x-om-csrf': 'csrf-new' }, 403, 'MUST_CHANGE_PASSWORD'],
    ]
    for (const [headers, status, code] of cases) {
      const response = await echo(headers)
      expect([response.status, await codeOf(response)]).toEqual([status, code])
    }
  })

  it('refuses a change by cookie without the CSRF token of that session', async () => {
    for (const csrf of [undefined, '', 'csrf-eve', 'csrf-root2']) {
      const response = await echo({
        cookie: 'session=root',
        ...(csrf ? { 'x-om-csrf': csrf } : {}),
      })
      expect([response.status, await codeOf(response)]).toEqual([403, 'CSRF'])
    }
    expect((await echo(rooted)).status).toBe(200)
  })

  it('asks no CSRF token of an API token', async () => {
    expect((await echo({ authorization: 'Bearer root' })).status).toBe(200)
  })

  it('refuses a change that a page of another origin asks for, even where no identity is needed', async () => {
    const post = (origin: string) =>
      fetch(`${url}/api/open`, { method: 'POST', headers: { origin } })
    expect(await codeOf(await post('https://evil.example'))).toBe('CSRF')
    expect(await codeOf(await post('null'))).toBe('CSRF')
    expect((await post(url)).status).toBe(200)
  })

  it('refuses before it reads the body', async () => {
    const response = await echo({}, 'x'.repeat(1_500_000))
    expect(await codeOf(response)).toBe('NOT_SIGNED_IN')
  })
})

describe('input', () => {
  it('hands on what the schemas made of it', async () => {
    const response = await echo(rooted)
    expect(await response.json()).toEqual({ name: 'a/b', n: 3, text: 'hi' })
  })

  it('names every part that does not fit, in both languages', async () => {
    const response = await echo(rooted, { text: 'too long', flag: 'yes' })
    expect(response.status).toBe(400)
    const error = await errorOf(response)
    expect(error.code).toBe('INPUT_INVALID')
    expect(error.details.issues.map(({ path }) => path)).toEqual(['body.text', 'body.flag'])
    expect(error.details.problems.zh).toMatch(/body\.text：.*\p{Script=Han}/u)
    expect(error.details.problems.en).toMatch(/body\.text: .*body\.flag: /)
  })

  it('says what is wrong with a body that is no JSON, of another type, or too large', async () => {
    expect(await codeOf(await echo(rooted, '{"text":'))).toBe('INPUT_INVALID')
    expect(await codeOf(await echo(rooted, '{"__proto__":{"flag":true}}'))).toBe('INPUT_INVALID')
    const deep = '['.repeat(900) + ']'.repeat(900)
    expect(await codeOf(await echo(rooted, deep))).toBe('INPUT_INVALID')
    expect(await codeOf(await echo({ ...rooted, 'content-type': 'text/xml' }, '<a/>'))).toBe(
      'MEDIA_TYPE',
    )
    const large = await echo(rooted, { text: 'x'.repeat(3000), flag: true })
    expect(large.status).toBe(413)
    expect(await errorOf(large)).toMatchObject({
      code: 'BODY_TOO_LARGE',
      details: { limit: 2000 },
    })
  })
})

describe('errors', () => {
  it('answers a problem with its row of the table', async () => {
    const response = await fetch(`${url}/api/fail?how=problem`)
    expect(response.status).toBe(404)
    expect(await errorOf(response)).toMatchObject({
      code: 'HOST_UNKNOWN',
      details: { host: 'web-1' },
    })
  })

  it('finds, where answers are checked, a problem that the route does not declare', async () => {
    logged.length = 0
    const response = await fetch(`${url}/api/fail?how=undeclared`)
    expect(response.status).toBe(500)
    expect(JSON.stringify(logged)).toContain('t.fail throws RUN_UNKNOWN, which it does not declare')
  })

  it('keeps an error that nobody foresaw in the log, and gives a reference to it', async () => {
    logged.length = 0
    const response = await fetch(`${url}/api/fail?how=crash`)
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toContain('secret detail')
    expect(JSON.parse(text).error).toMatchObject({ code: 'INTERNAL', details: { ref: 'req-1' } })
    expect(logged).toMatchObject([{ ref: 'req-1', err: { message: 'secret detail' } }])
  })

  it('finds answers that are not what the route declares', async () => {
    for (const how of ['leak', 'wrong']) {
      expect(await codeOf(await fetch(`${url}/api/fail?how=${how}`))).toBe('INTERNAL')
    }
  })

  it('knows what is not there', async () => {
    for (const path of ['/api/nothing', '/api/echo/%zz', '/%c0%af']) {
      const response = await fetch(url + path)
      expect(response.status).toBe(404)
      expect(await errorOf(response)).toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})

it('does not start with a route that nobody serves, or a handler of no route', async () => {
  await expect(createHttpServer(optionsOf({ handlers: handlers.slice(1) }))).rejects.toThrow(
    'not served: t.open',
  )
  await expect(
    createHttpServer(optionsOf({ handlers: [...handlers, handlers[0]!] })),
  ).rejects.toThrow('served twice: t.open')
  const stray = handle(route({ ...routes.open, id: 't.stray' }), async () => yes)
  await expect(createHttpServer(optionsOf({ handlers: [...handlers, stray] }))).rejects.toThrow(
    'not in the contract: t.stray',
  )
})
