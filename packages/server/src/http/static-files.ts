// Serves the built web pages: hashed files for ever, the one page for every address that is not a file.

import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { Problem } from '@omserver/core'
import type { FastifyInstance } from 'fastify'

const IMMUTABLE = 'public, max-age=31536000, immutable'

/** Also sets the handler for addresses that nothing serves: NOT_FOUND under /api and for missing files. */
export const serveStaticFiles = async (
  app: FastifyInstance,
  webDir: string | undefined,
): Promise<void> => {
  const page = webDir === undefined ? undefined : join(webDir, 'index.html')
  if (webDir !== undefined && existsSync(webDir)) {
    await app.register(fastifyStatic, {
      root: webDir,
      preCompressed: true,
      cacheControl: false,
      index: false,
      redirect: false,
      setHeaders: (response, path) => {
        response.header('cache-control', /[\\/]assets[\\/]/.test(path) ? IMMUTABLE : 'no-cache')
      },
    })
  }
  if (page !== undefined && existsSync(page)) {
    // The files' plugin refuses a folder before the handler below is asked.
    app.get('/', (_request, reply) =>
      reply
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(createReadStream(page)),
    )
  }
  app.setNotFoundHandler(async (request, reply) => {
    const [path = '/'] = request.url.split('?')
    // The address of a page may end like a file (`/hosts/db.example`); what it is for a browser says itself.
    const looksLikeFile =
      /\.[a-z0-9]+$/i.test(path) && !/\btext\/html\b/.test(request.headers.accept ?? '')
    const isPage = request.method === 'GET' && !/^\/(?:api|assets)\//.test(path) && !looksLikeFile
    if (!isPage || page === undefined || !existsSync(page)) throw new Problem('NOT_FOUND', { path })
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8')
    return reply.send(createReadStream(page))
  })
}
