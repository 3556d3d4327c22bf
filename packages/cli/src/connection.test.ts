// Errors that leave a command, as the words and the exit code a program relies on.

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
