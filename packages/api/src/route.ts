// A route as data: the server implements it, the typed client calls it, OpenAPI and the permission test read it.

import type { Permission, Text } from '@omserver/core'
import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Who may call: anyone (`public`), anyone signed in (`signedIn`), or a permission. Nothing is open by omission:
 * `may` has no default. Grants are checked in the service, on the hosts concerned.
 */
export type May = 'public' | 'signedIn' | Permission

/** json: one document. events: server-sent events. file: a download. text: plain text or bytes by range. */
export type AnswerKind = 'json' | 'events' | 'file'

export interface Route {
  /** Unique; also the OpenAPI operationId, e.g. `hosts.list`. */
  readonly id: string
  readonly method: Method
  /** `:name` marks a parameter. */
  readonly path: string
  readonly summary: Text
  readonly may: May
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** `stream`: the body is bytes (application/octet-stream), read by the handler as they come; `body` is absent then. */
  readonly bodyKind?: 'stream'
  readonly answer: z.ZodType
  readonly answerKind?: AnswerKind
  readonly errors?: readonly ErrorCode[]
  /** Largest body in bytes; 1 MiB when absent. */
  readonly bodyLimit?: number
  /** Media type of a `file` answer. */
  readonly mediaType?: string
}

/** Declares a route. Returns it as it is, with its exact type, which the client and the handlers build on. */
export const route = <const R extends Route>(definition: R): R => definition

/** Parsed input, as a handler sees it. */
export type ParamsOf<R extends Route> = R extends { params: infer S extends z.ZodType }
  ? z.output<S>
  : undefined
export type QueryOf<R extends Route> = R extends { query: infer S extends z.ZodType }
  ? z.output<S>
  : undefined
export type BodyOf<R extends Route> = R extends { body: infer S extends z.ZodType }
  ? z.output<S>
  : undefined
/** Input as a client writes it: defaults may be left out. */
export type ParamsIn<R extends Route> = R extends { params: infer S extends z.ZodType }
  ? z.input<S>
  : undefined
export type QueryIn<R extends Route> = R extends { query: infer S extends z.ZodType }
  ? z.input<S>
  : undefined
export type BodyIn<R extends Route> = R extends { body: infer S extends z.ZodType }
  ? z.input<S>
  : undefined
export type AnswerOf<R extends Route> = z.output<R['answer']>
/** What a handler of a json route returns. */
export type AnswerIn<R extends Route> = z.input<R['answer']>
