// The typed client of the contract, for the browser and for Node: call a route, read its events, download its file.

import type { Lang, ProblemDetails, Text } from '@omserver/core'
import { askAgain } from './ask-again.ts'
import { type ClientEvent, type EventsOptions, readEvents } from './event-stream.ts'
import type { AnswerOf, BodyIn, ParamsIn, QueryIn, Route } from './route.ts'

export interface ClientOptions {
  /** Such as `https://om.example.com:8640`; empty in a page that the server itself delivered. */
  readonly baseUrl?: string
  /** An API token (`om_…`). Without one, the session cookie of the browser is used. */
  readonly token?: string
  /** CSRF token of a session already open; sign-in and `auth.me` renew it by themselves. */
  readonly csrf?: string
  /** Language of texts that exist in one language only; error messages always come in both. */
  readonly lang?: Lang
  /** Outside a browser: keep the session cookie in memory, so that a sign-in lasts as long as the client. */
  readonly keepCookies?: boolean
  readonly fetch?: typeof globalThis.fetch
}

/** An error of the table, as the server sent it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly status: number
  readonly text: Text
  readonly details: ProblemDetails

  constructor(status: number, code: string, text: Text, details: ProblemDetails) {
    super(`${code}: ${text.en}`)
    this.status = status
    this.code = code
    this.text = text
    this.details = details
  }
}

type Part<Key extends string, T> = [T] extends [undefined]
  ? { readonly [K in Key]?: undefined }
  : object extends T
    ? { readonly [K in Key]?: T }
    : { readonly [K in Key]: T }

/** What a route takes: `params`, `query` and `body` as it declares them, and a signal to give up. */
export type Input<R extends Route> = Part<'params', ParamsIn<R>> &
  Part<'query', QueryIn<R>> &
  Part<'body', BodyIn<R>> & { readonly signal?: AbortSignal }

/** In a browser a File or Blob, elsewhere also a stream. */
export type Upload = Blob | ReadableStream<Uint8Array>

export interface Client {
  /** Rejects with ApiError (the server said no) or TypeError (it could not be reached). */
  call<R extends Route>(route: R, input: Input<R>): Promise<AnswerOf<R>>
  /** Follows an `events` route across broken connections; ends when the server says it is over. */
  events<R extends Route>(
    route: R,
    input: Input<R> & EventsOptions,
  ): AsyncGenerator<ClientEvent<AnswerOf<R>>, void, undefined>
  /** A `file` route, as the response: read it whole or as a stream. */
  file<R extends Route>(route: R, input: Input<R>): Promise<Response>
  /** A route whose body is a stream. Sent once: an answer that says "come back later" is an error. */
  upload<R extends Route>(
    route: R,
    input: Input<R>,
    content: Upload,
    /** In place of the client's: one that tells how far it is. */
    fetchIt?: typeof globalThis.fetch,
  ): Promise<AnswerOf<R>>
  /** Address of a route, for links and downloads. */
  url<R extends Route>(route: R, input: Input<R>): string
}

/** Makes a client. It holds the CSRF token of its session and nothing else. */
export const createClient = (options: ClientOptions = {}): Client => {
  const fetchOnce = options.fetch ?? globalThis.fetch.bind(globalThis)
  const fetchIt = askAgain(fetchOnce)
  const cookies = new Map<string, string>()
  let csrf = options.csrf

  const url = (route: Route, input: AnyInput): string =>
    (options.baseUrl ?? '').replace(/\/$/, '') + pathOf(route, input)

  const send = async (
    route: Route,
    input: AnyInput,
    extra: Readonly<Record<string, string>> = {},
    upload?: { readonly content: Upload; readonly fetchIt: typeof globalThis.fetch },
  ): Promise<Response> => {
    const headers: Record<string, string> = { ...extra }
    if (options.lang) headers['accept-language'] = options.lang
    if (options.token) headers.authorization = `Bearer ${options.token}`
    else if (csrf && route.method !== 'GET') headers['x-om-csrf'] = csrf
    if (cookies.size > 0) {
      headers.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    }
    if (input.body !== undefined) headers['content-type'] = 'application/json'
    if (upload) headers['content-type'] = 'application/octet-stream'
    // A stream cannot be sent a second time.
    const response = await (upload ? upload.fetchIt : fetchIt)(url(route, input), {
      method: route.method,
      headers,
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      ...(upload ? { body: upload.content, duplex: 'half' } : {}),
      ...(input.signal ? { signal: input.signal } : {}),
      credentials: 'same-origin',
    })
    if (options.keepCookies) keepCookies(cookies, response)
    if (!response.ok) throw await errorOf(response)
    return response
  }

  const answerOf = async <T>(response: Response): Promise<T> => {
    const answer = (await response.json().catch((error: unknown) => {
      throw error instanceof SyntaxError ? notOurs(response.status) : error
    })) as T
    const renewed = csrfOf(answer)
    if (renewed !== undefined) csrf = renewed
    return answer
  }

  return {
    url,
    call: async (route, input) =>
      answerOf<AnswerOf<typeof route>>(await send(route, input, { accept: 'application/json' })),
    upload: async (route, input, content, fetchIt = fetchOnce) =>
      answerOf<AnswerOf<typeof route>>(
        await send(route, input, { accept: 'application/json' }, { content, fetchIt }),
      ),
    file: (route, input) => send(route, input),
    events: (route, input) =>
      readEvents(
        (lastId, signal) =>
          send(
            route,
            { ...input, signal },
            { accept: 'text/event-stream', ...(lastId ? { 'last-event-id': lastId } : {}) },
          ),
        input,
      ),
  }
}

interface AnyInput {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
  readonly signal?: AbortSignal
}

const pathOf = (route: Route, input: AnyInput): string => {
  const params = (input.params ?? {}) as Readonly<Record<string, unknown>>
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  )
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value))
  }
  return query.size > 0 ? `${path}?${query}` : path
}

/** `auth.login` and `auth.me` answer with the session's token; null when signed in by an API token. */
const csrfOf = (answer: unknown): string | undefined => {
  if (typeof answer !== 'object' || answer === null || !('csrf' in answer)) return undefined
  return typeof answer.csrf === 'string' ? answer.csrf : undefined
}

const keepCookies = (cookies: Map<string, string>, response: Response): void => {
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }
}

const errorOf = async (response: Response): Promise<ApiError> => {
  const body: unknown = await response.json().catch(() => undefined)
  const error =
    typeof body === 'object' && body !== null && 'error' in body
      ? (body.error as { code: string; message: Text; details?: ProblemDetails })
      : undefined
  if (error) return new ApiError(response.status, error.code, error.message, error.details ?? {})
  return notOurs(response.status)
}

/** A proxy in between answered, or something that is no OMServer at all. */
const notOurs = (status: number): ApiError =>
  new ApiError(
    status,
    'HTTP',
    {
      zh: `服务器回应了 HTTP ${status}，但不是 OMServer 的格式。请检查地址与代理。`,
      en: `The answer was HTTP ${status}, and not from OMServer. Check the address and any proxy.`,
    },
    { status },
  )
