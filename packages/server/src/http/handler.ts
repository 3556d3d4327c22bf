// A handler is a route and what carries it out. Input has been parsed and the permission checked before it runs.

import type { Readable } from 'node:stream'
import type { AnswerIn, BodyOf, ParamsOf, QueryOf, Route } from '@omserver/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../actor.ts'

export interface Call<R extends Route> {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  /** Of a route that takes a stream: its bytes as they come; absent: none were sent. */
  readonly content: Readable | undefined
  /** For `public` routes: nobody, with no permission. */
  readonly actor: Actor
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** For `file` and `events` answers: chunks as they come, written with back-pressure. */
export interface FileAnswer {
  readonly fileName: string
  readonly mediaType?: string
  /** Bytes, where they are known beforehand: who gets fewer sees that it was cut off. */
  readonly size?: number
  readonly chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>
}
export interface SseEvent {
  readonly id?: string
  readonly data: unknown
  /** Serialised once for many readers; `data` is ignored when given. */
  readonly json?: string
}

type Reply<R extends Route> = R extends { answerKind: 'file' }
  ? FileAnswer
  : R extends { answerKind: 'events' }
    ? AsyncIterable<SseEvent>
    : ReadonlyDeep<AnswerIn<R>>

/** A service may answer with the readonly lists it holds. */
type ReadonlyDeep<T> = T extends readonly (infer U)[]
  ? readonly ReadonlyDeep<U>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
    : T

export interface Handler {
  readonly route: Route
  readonly on: (call: Call<Route>) => Promise<unknown>
}

export const handle = <R extends Route>(
  route: R,
  on: (call: Call<R>) => Promise<Reply<R>>,
): Handler => ({ route, on: on as unknown as Handler['on'] })
