// The answer to a request that no server can take now: an error of the table, and when to ask again.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '@omserver/core'
import type { Logger } from 'pino'
import { errorAnswer } from '../http/index.ts'

const RETRY_S = 2
const retryAfter = { 'retry-after': RETRY_S }
const nothingDone = new Set(['NOBODY_DRIVES', 'NOT_DRIVING'])

export const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  context: { readonly ref: string; readonly log: Pick<Logger, 'error'> },
): void => {
  request.resume()
  if (response.headersSent) return void response.destroy()
  const { status, body } = errorAnswer(error, context)
  // Only where nothing has happened yet is asking again the right thing to do.
  const again = error instanceof Problem && nothingDone.has(error.code) ? retryAfter : {}
  response.writeHead(status, {
    ...again,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-type': 'application/json; charset=utf-8',
  })
  response.end(JSON.stringify(body))
}
