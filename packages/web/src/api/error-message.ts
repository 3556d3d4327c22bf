// What an error says to a person, in the language of the screen.

import { ApiError } from '@omserver/api'
import type { Lang, ProblemDetails } from '@omserver/core'

const unreachable: Readonly<Record<Lang, string>> = {
  zh: '连不上服务器。请检查网络，并确认服务正在运行。',
  en: 'The server cannot be reached. Check the network and that the server is running.',
}

interface ErrorMessage {
  readonly text: string
  /** undefined: not from the server. */
  readonly code: string | undefined
  readonly details: ProblemDetails
}

export const errorMessage = (error: unknown, lang: Lang): ErrorMessage => {
  if (error instanceof ApiError) {
    return { text: error.text[lang], code: error.code, details: error.details }
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return { text: unreachable[lang], code: undefined, details: {} }
  }
  return {
    text: error instanceof Error ? error.message : String(error),
    code: undefined,
    details: {},
  }
}

export const isCode = (error: unknown, ...codes: readonly string[]): error is ApiError =>
  error instanceof ApiError && codes.includes(error.code)
