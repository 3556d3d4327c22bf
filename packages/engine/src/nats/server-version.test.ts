// Checks of what is said about nats-servers.

import { expect, test } from 'vitest'
import { adviceOn, NEEDED_PAYLOAD, refusalOf } from './server-version.ts'

const megabyte = 1024 * 1024

test('servers before 2.9, and those that take only small messages, are refused', () => {
  expect(refusalOf({ version: '2.8.4', max_payload: megabyte })).toMatch(/2\.8\.4 is too old/)
  expect(refusalOf({ version: '1.4.1', max_payload: megabyte })).toMatch(/too old/)
  expect(refusalOf({ version: '2.9.0', max_payload: megabyte })).toBeUndefined()
  expect(refusalOf({ version: '2.15.2', max_payload: megabyte })).toBeUndefined()
  expect(refusalOf({ version: '3.0.0', max_payload: megabyte })).toBeUndefined()
  expect(refusalOf({ version: '2.10.0-beta.1', max_payload: NEEDED_PAYLOAD - 1 })).toMatch(
    new RegExp(`need ${NEEDED_PAYLOAD}`),
  )
})

test('health says of an older server that it cannot sync, of a newer that we cannot know', () => {
  expect(adviceOn({ version: '2.9.25', max_payload: 0 })).toMatch(/older than 2\.10/)
  expect(adviceOn({ version: '2.10.0', max_payload: 0 })).toMatch(/cannot be seen/)
})
