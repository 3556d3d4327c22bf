// Turns whatever was thrown into the answer a client gets: a row of the error table, or a reference into the log.

import { errorEntry, errorText } from '@omserver/api'
import { Problem, type ProblemDetails, type Text } from '@omserver/core'
import type { Logger } from 'pino'
import { inputProblem } from './parse-input.ts'

export interface ErrorAnswer {
  readonly status: number
  readonly body: {
    readonly error: {
      readonly code: string
      readonly message: Text
      readonly details: ProblemDetails
    }
  }
}

interface Context {
  /** Id of the request: the only thing a client learns of an error that nobody foresaw. */
  readonly ref: string
  readonly log: Pick<Logger, 'error'>
  readonly bodyLimit?: number
  readonly path?: string
}

/** Whoever asks again until it is over would fill the log with what it is there to tell. */
const everyFewSeconds = new Set(['NOT_READY', 'NOBODY_DRIVES'])

export const errorAnswer = (error: unknown, context: Context): ErrorAnswer => {
  const problem = problemOf(error, context)
  const known = problem && errorEntry(problem.code)
  if (!problem || !known) {
    context.log.error({ err: error, ref: context.ref }, 'request failed')
    return answerOf(500, new Problem('INTERNAL', { ref: context.ref }))
  }
  if (known.status >= 500 && !everyFewSeconds.has(problem.code)) {
    context.log.error({ err: problem.cause ?? problem, ref: context.ref }, problem.code)
  }
  return answerOf(known.status, problem)
}

const answerOf = (status: number, problem: Problem): ErrorAnswer => ({
  status,
  body: {
    error: {
      code: problem.code,
      message: errorText(problem.code, problem.details),
      details: problem.details,
    },
  },
})

const problemOf = (error: unknown, { bodyLimit, path }: Context): Problem | undefined => {
  if (error instanceof Problem) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code !== 'string' || !code.startsWith('FST_')) return undefined
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem('BODY_TOO_LARGE', { limit: bodyLimit ?? 1024 * 1024 })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem('MEDIA_TYPE')
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return inputProblem([
        { path: 'body', message: { zh: '不是有效的 JSON', en: 'not valid JSON' } },
      ])
    // `/../x`: no such address, and nothing that the log should be filled with.
    case 'FST_STATIC_FORBIDDEN_PATH':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_NOT_FOUND':
      return new Problem('NOT_FOUND', { path: path ?? '' })
    default:
      return undefined
  }
}
