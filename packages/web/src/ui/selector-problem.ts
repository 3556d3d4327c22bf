// Reads a selector while it is typed: what it means, or which part of it is wrong and where.

import {
  fillText,
  type Lang,
  Problem,
  parseSelector,
  problemTexts,
  type Selector,
} from '@omserver/core'

export type ReadSelector =
  | { readonly status: 'empty' }
  | { readonly status: 'ok'; readonly selector: Selector }
  | {
      readonly status: 'wrong'
      readonly message: string
      /** The culprit, as offsets into the text; equal when something is missing at the end. */
      readonly from: number
      readonly to: number
    }

/** Throws what is no Problem. */
export const problemMessage = (error: unknown, lang: Lang): string => {
  if (!(error instanceof Problem)) throw error
  const texts: Readonly<Record<string, { zh: string; en: string }>> = problemTexts
  const text = texts[error.code]
  return text === undefined ? error.code : fillText(text, error.details)[lang]
}

export const readSelector = (text: string, lang: Lang): ReadSelector => {
  if (text.trim() === '') return { status: 'empty' }
  try {
    return { status: 'ok', selector: parseSelector(text) }
  } catch (error) {
    const message = problemMessage(error, lang)
    const { at, part } = (error as Problem).details
    const from = typeof at === 'number' ? Math.min(at, text.length) : 0
    const to = typeof part === 'string' ? Math.min(from + part.length, text.length) : text.length
    return { status: 'wrong', message, from, to }
  }
}
