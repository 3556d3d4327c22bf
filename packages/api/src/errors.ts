// Every error a client can get: code, HTTP status, and what it says in both languages. `{name}` is a detail.
// What a parser of `core` says stands in its own table (problem-codes.ts) and is a 400.

import { fillText, type ProblemDetails, problemTexts, type Text } from '@omserver/core'
import type { ErrorEntry } from './error-entry.ts'
import { accessErrors } from './errors-access.ts'
import { databaseErrors } from './errors-database.ts'
import { directErrors } from './errors-direct.ts'
import { endpointErrors } from './errors-endpoints.ts'
import { fileErrors } from './errors-files.ts'
import { hostErrors } from './errors-hosts.ts'
import { projectErrorEntries } from './errors-projects.ts'
import { runErrors } from './errors-runs.ts'

export type { ErrorEntry } from './error-entry.ts'

export const errors = {
  ...accessErrors,
  ...databaseErrors,
  ...directErrors,
  ...endpointErrors,
  ...fileErrors,
  ...hostErrors,
  ...projectErrorEntries,
  ...runErrors,
  // Its words are core's; that it is missing, and not misspelt, only the server knows.
  GROUP_UNKNOWN: { status: 404, text: problemTexts.GROUP_UNKNOWN },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errors | (string & {})

const ownErrors: Readonly<Record<string, ErrorEntry>> = errors
const parserTexts: Readonly<Record<string, Text>> = problemTexts

/** undefined for a code that stands in no table. */
export const errorEntry = (code: string): ErrorEntry | undefined => {
  if (Object.hasOwn(ownErrors, code)) return ownErrors[code]
  const text = Object.hasOwn(parserTexts, code) ? parserTexts[code] : undefined
  return text && { status: 400, text }
}

/** What is wrong, in both languages; the code itself where no table knows it. */
export const errorText = (code: string, details: ProblemDetails): Text => {
  const found = errorEntry(code)
  return found ? fillText(found.text, details) : { zh: code, en: code }
}
