// What a project was refused with: its code, and its words.

import { errorText } from '@omserver/api'
import { Problem } from '@omserver/core'

const problemOf = (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => {
      throw new Error('nothing was refused')
    },
    (error: unknown) => {
      if (error instanceof Problem) return error
      throw error
    },
  )
export const codeOf = async (work: Promise<unknown>): Promise<string> =>
  (await problemOf(work)).code
export const wordsOf = async (work: Promise<unknown>): Promise<string> => {
  const { code, details } = await problemOf(work)
  return `${code}: ${errorText(code, details).en}`
}
