// The http server: routes of the contract on Fastify, with everything that holds for all of them.

import type { Readable } from 'node:stream'
import { constants } from 'node:zlib'
import fastifyCompress from '@fastify/compress'
import { openapiDocument, type Route } from '@omserver/api'
import { Problem } from '@omserver/core'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Actor } from '../actor.ts'
import { admit } from './admit.ts'
import { checkAnswer, checkProblem } from './check-answer.ts'
import { checkHandlers } from './check-handlers.ts'
import { docsPage } from './docs-page.ts'
import { errorAnswer } from './error-answer.ts'
import type { Call, FileAnswer, Handler, SseEvent } from './handler.ts'
import type { Authenticate } from './identity.ts'
import { parseInput } from './parse-input.ts'
import { securityHeaders } from './security-headers.ts'
import { sendEvents } from './send-events.ts'
import { sendFile } from './send-file.ts'
import { serveStaticFiles } from './static-files.ts'

export interface HttpOptions {
  readonly routes: readonly Route[]
  readonly handlers: readonly Handler[]
  readonly authenticate: Authenticate
  readonly log: Logger
  readonly newId: () => string
  /** The built web pages; without them only the API is served. */
  readonly webDir?: string
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Addresses of proxies whose X-Forwarded-For is believed; none when absent. */
  readonly trustProxy?: string | readonly string[]
  /** Compare every answer with what its route declares. For development and tests. */
  readonly checkAnswers?: boolean
  readonly heartbeatMs?: number
}

const BODY_LIMIT = 1024 * 1024

/** Ready for `listen` or `inject`. Throws when handlers and routes do not fit each other. */
export const createHttpServer = async (options: HttpOptions): Promise<FastifyInstance> => {
  checkHandlers(options.routes, options.handlers)
  const app = fastify(options)
  const open = new Set<AbortController>()
  app.addHook('preClose', async () => {
    for (const request of open) request.abort()
  })
  const headers = securityHeaders(options.tls !== undefined)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id)
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
  })
  await app.register(fastifyCompress, {
    threshold: 1024,
    encodings: ['br', 'gzip'],
    // The default of brotli (11) would take seconds for the list of a large fleet.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    zlibOptions: { level: 5 },
  })
  app.setErrorHandler(answerError(options))
  for (const handler of options.handlers) {
    if (handler.route.bodyKind !== 'stream') addRoute(app, handler, options, open)
    else await app.register(async (scope) => addStreamRoute(scope, handler, options, open))
  }
  addDocument(app, options.routes)
  await serveStaticFiles(app, options.webDir)
  return app
}

const answerError =
  ({ log }: Pick<HttpOptions, 'log'>) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, body } = errorAnswer(error, {
      ref: request.id,
      log,
      bodyLimit: request.routeOptions.bodyLimit,
      path: request.url,
    })
    reply.status(status).type('application/json; charset=utf-8').send(body)
  }

const fastify = (options: HttpOptions): FastifyInstance => {
  const settings = {
    // What is worth a line is logged here, by the error handler and the streams.
    logger: false as const,
    bodyLimit: BODY_LIMIT,
    genReqId: () => options.newId(),
    requestIdHeader: false as const,
    trustProxy: options.trustProxy ? [options.trustProxy].flat() : false,
    // Event streams never end by themselves.
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1000 },
    // An address that does not even decode is refused before any hook of ours has run.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers(securityHeaders(options.tls !== undefined))
      answerError(options)(error, request, reply)
    },
  }
  // Fastify types its instance by the kind of its server, which nothing here depends on.
  return options.tls
    ? (Fastify({ ...settings, https: { ...options.tls } }) as unknown as FastifyInstance)
    : (Fastify(settings) as unknown as FastifyInstance)
}

/** A scope of its own: nowhere else are bytes taken for a body. */
const addStreamRoute = (
  scope: FastifyInstance,
  handler: Handler,
  options: HttpOptions,
  open: Set<AbortController>,
): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/octet-stream', (_request, payload, done) =>
    done(null, payload),
  )
  scope.addContentTypeParser('*', (_request, _payload, done) => done(new Problem('STREAM_TYPE')))
  addRoute(scope, handler, options, open)
}

const addRoute = (
  app: FastifyInstance,
  handler: Handler,
  options: HttpOptions,
  open: Set<AbortController>,
): void => {
  const { route } = handler
  const actors = new WeakMap<FastifyRequest, Actor>()
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimit ?? BODY_LIMIT,
    // A file whose length is announced is sent as it is.
    ...(route.mediaType === 'application/octet-stream' ? { compress: false as const } : {}),
    // Before the body is read: who may not call does not get to send 16 MB either.
    onRequest: async (request) => {
      actors.set(request, await admit(route, request, options.authenticate))
    },
    handler: async (request, reply) => {
      const actor = actors.get(request)
      if (actor === undefined) throw new Error(`${route.id} was reached without being admitted`)
      const { params, query, body } = request
      const isStream = route.bodyKind === 'stream'
      const input = parseInput(route, { params, query, body: isStream ? undefined : body })
      const gone = new AbortController()
      open.add(gone)
      reply.raw.on('close', () => {
        open.delete(gone)
        gone.abort()
      })
      const { signal } = gone
      const content = isStream ? (body as Readable | undefined) : undefined
      const call = { ...input, content, actor, signal, request, reply } as Call<Route>
      const answer = await handler.on(call).catch((error: unknown) => {
        if (options.checkAnswers) checkProblem(route, error)
        throw error
      })
      switch (route.answerKind ?? 'json') {
        case 'json':
          if (options.checkAnswers) checkAnswer(route, answer)
          return answer
        case 'file':
          return reply.send(sendFile(reply, answer as FileAnswer, route.mediaType))
        case 'events':
          return sendEvents(reply, {
            events: answer as AsyncIterable<SseEvent>,
            signal,
            stillAllowed: () =>
              admit(route, request, options.authenticate).then(
                () => true,
                () => false,
              ),
            log: options.log,
            heartbeatMs: options.heartbeatMs,
          })
      }
    },
  })
}

/** The contract itself is no secret: it is public with the source, and tools read it before they sign in. */
const addDocument = (app: FastifyInstance, routes: readonly Route[]): void => {
  let json: string | undefined
  const pages = new Map<string | undefined, string>()
  app.get('/api/openapi.json', async (_request, reply) => {
    json ??= JSON.stringify(openapiDocument(routes))
    return reply.type('application/json; charset=utf-8').send(json)
  })
  app.get('/api/docs', async (request, reply) => {
    const asked = new URL(request.url, 'http://any').searchParams.get('theme')
    const theme = asked === 'light' || asked === 'dark' ? asked : undefined
    const page = pages.get(theme) ?? docsPage(openapiDocument(routes), theme)
    pages.set(theme, page)
    return reply.type('text/html; charset=utf-8').send(page)
  })
}
