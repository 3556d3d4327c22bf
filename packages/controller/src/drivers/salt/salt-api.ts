// salt-api (rest_cherrypy) as it is called: a login that is kept and renewed, and one function at a time.

import type { IncomingMessage } from 'node:http'
import type { DriverEndpoint, Json } from '@omserver/core'
import { saltSettings } from '@omserver/core'
import { z } from 'zod'
import { type HttpsAnswer, httpsPlace } from './https-call.ts'
import { SaltTrouble, troubleOf } from './trouble.ts'

const LOGIN_MS = 15_000
const CALL_MS = 60_000

type Low = Readonly<Record<string, Json>>

export interface SaltApi {
  /** What salt-api returns for one call. Rejects with SaltTrouble. */
  call(low: Low, signal?: AbortSignal): Promise<unknown>
  /** The stream of everything that happens on the master. Rejects with SaltTrouble. */
  events(signal: AbortSignal): Promise<IncomingMessage>
  /** Its address, for people. */
  readonly place: string
  close(): void
}

const loginSchema = z.object({ return: z.tuple([z.object({ token: z.string() })]) })
const answerSchema = z.object({ return: z.array(z.unknown()) })

/** Throws SaltTrouble when the endpoint is none of salt-api. */
export const saltApi = (endpoint: DriverEndpoint): SaltApi => {
  const parsed = saltSettings.safeParse(endpoint.settings)
  const password = endpoint.secrets['password']
  if (endpoint.kind !== 'salt' || !parsed.success || password === undefined) {
    throw new SaltTrouble('answer', `the endpoint "${endpoint.name}" is not complete: add it again`)
  }
  const { url, user, eauth, ca } = parsed.data
  const place = `salt-api (${new URL(url).host})`
  const https = httpsPlace({ url, ca })
  let login: Promise<string> | undefined

  const whole = async (call: Parameters<typeof https.call>[0]): Promise<HttpsAnswer> => {
    try {
      return await https.call(call)
    } catch (error) {
      throw troubleOf(error, place)
    }
  }

  const newToken = async (): Promise<string> => {
    const body = { username: user, password: password.reveal(), eauth }
    const answer = await whole({ method: 'POST', path: '/login', body, silenceMs: LOGIN_MS })
    if (answer.status === 401) {
      const message = `${place} refused the login of "${user}" (eauth ${eauth}): check user, password and external_auth of the master`
      throw new SaltTrouble('login', message)
    }
    const read = loginSchema.safeParse(jsonOf(answer))
    if (read.success) return read.data.return[0].token
    throw unexpected(place, answer)
  }

  const token = (): Promise<string> => {
    login ??= newToken().catch((error: unknown) => {
      login = undefined
      throw error
    })
    return login
  }

  /** With the token there is, and once more with a new one when that is not taken any longer. */
  const withToken = async <A>(
    ask: (token: string) => Promise<A>,
    isRefused: (answer: A) => boolean,
  ): Promise<A> => {
    const used = token()
    const first = await ask(await used)
    if (!isRefused(first)) return first
    if (login === used) login = undefined
    return ask(await token())
  }

  return {
    place,
    async call(low, signal) {
      const ask = (present: string) =>
        whole({
          method: 'POST',
          path: '/',
          body: [low],
          token: present,
          silenceMs: CALL_MS,
          signal,
        })
      const answer = await withToken(ask, ({ status }) => status === 401)
      if (answer.status === 401) {
        const message = `"${user}" may not call ${String(low['fun'])}: allow it in external_auth of the master`
        throw new SaltTrouble('forbidden', message)
      }
      if (answer.status === 413) {
        throw new SaltTrouble('refused', 'what is to be sent is larger than salt-api takes')
      }
      if (answer.status === 400 || answer.status === 406) {
        const message = `${place} does not allow ${String(low['client'])}: add it to netapi_enable_clients of the master`
        throw new SaltTrouble('refused', message)
      }
      const read = answerSchema.safeParse(jsonOf(answer))
      if (answer.status !== 200 || !read.success) throw unexpected(place, answer)
      return read.data.return[0]
    },
    async events(signal) {
      const ask = async (present: string): Promise<IncomingMessage> => {
        try {
          const path = '/events'
          return await https.open({
            method: 'GET',
            path,
            token: present,
            silenceMs: LOGIN_MS,
            signal,
          })
        } catch (error) {
          throw troubleOf(error, place)
        }
      }
      const answer = await withToken(ask, (one) => {
        if (one.statusCode === 401) one.resume()
        return one.statusCode === 401
      })
      if (answer.statusCode === 200) {
        // Hours may pass without an event.
        answer.setTimeout(0)
        return answer
      }
      answer.resume()
      throw new SaltTrouble('answer', `${place} gives no events: HTTP ${answer.statusCode}`)
    },
    close: () => https.close(),
  }
}

/** Errors come as HTML, whatever was asked for. */
const jsonOf = ({ type, text }: HttpsAnswer): unknown => {
  if (!type.includes('json')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unexpected = (place: string, { status, text }: HttpsAnswer): SaltTrouble => {
  const said = /<p>([^<]{1,200})/.exec(text)?.[1] ?? ''
  const why =
    status === 503 || status === 504 || status === 500
      ? `: the salt-master behind it may be down${said === '' ? '' : ` (${said})`}`
      : ''
  return new SaltTrouble('answer', `${place} answered HTTP ${status}${why}`, true)
}
