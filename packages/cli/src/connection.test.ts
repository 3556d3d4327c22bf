// Errors that leave a command, as the words and the exit code a program relies on.

import { ApiError } from '@omserver/api'
import { parseDuration } from '@omserver/core'
import { expect, test } from 'vitest'
import { exitErrorOf } from './connection.ts'

test('what is wrong before the server is asked is a matter of usage, said in words', () => {
  const error = (() => {
    try {
      return parseDuration('3x')
    } catch (thrown) {
      return thrown
    }
  })()
  const { exitCode, message } = exitErrorOf(error)
  expect(exitCode).toBe(2)
  expect(message).toMatch(/3x.*DURATION_SYNTAX/s)
  expect(message).not.toContain('{')
})

test('an answer that is not from OMServer is a matter of the server, whatever its status', () => {
  const text = { zh: '不是', en: 'not ours' }
  expect(exitErrorOf(new ApiError(400, 'HTTP', text, {})).exitCode).toBe(3)
  expect(exitErrorOf(new ApiError(200, 'HTTP', text, {})).exitCode).toBe(3)
  expect(exitErrorOf(new ApiError(400, 'INPUT_INVALID', text, {})).exitCode).toBe(2)
})
