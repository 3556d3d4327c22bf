// What a caller is told about a body that fits none of several forms.

import { runRoutes } from '@omserver/api'
import { Problem } from '@omserver/core'
import { expect, test } from 'vitest'
import { parseInput } from './parse-input.ts'

const problemsOf = (which: unknown): unknown => {
  try {
    parseInput(runRoutes.rerun, { params: { id: 'x' }, query: undefined, body: { which } })
    return 'nothing is wrong'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.details.problems
  }
}

test('of a union the form that was meant is named, with what is wrong in it', () => {
  expect(problemsOf({ states: ['broken'] })).toMatchObject({
    en: expect.stringMatching(/^body\.which\.states\.0: .*unreachable/),
    zh: expect.stringMatching(/^body\.which\.states\.0：.*unreachable/),
  })
})

test('where no form was meant, every form says what it would take', () => {
  expect(problemsOf('every')).toMatchObject({
    en: expect.stringMatching(/"all".*"failed".*object/),
    zh: expect.stringMatching(/"all".*"failed"/),
  })
})
