// What is wrong with an input: a code from the error table in `api`, and the culprits it names.

import type { Json } from './json.ts'

export type ProblemDetails = Readonly<Record<string, Json>>

/**
 * Thrown by parsers and checks. `code` is a key of the error table (`api/src/errors.ts`), which holds the
 * sentence in Chinese and English; `details` fill its placeholders (`{part}`, `{line}` …).
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly details: ProblemDetails

  constructor(code: string, details: ProblemDetails = {}) {
    super(`${code} ${JSON.stringify(details)}`)
    this.code = code
    this.details = details
  }
}
