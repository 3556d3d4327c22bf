// Every sentence that says why a host was not reached is there in both languages.

import { endMessage } from '@omserver/core'
import { expect, test } from 'vitest'
import { failureOf, ofJump, type Stage, timeoutFailure } from './failure.ts'

const at = { place: 'web-1:22', stage: 'greeted' as Stage, login: 'the key of user ops' }
const coded = (code: string) => Object.assign(new Error('x'), { code })

const failures = [
  ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'ETIMEDOUT', 'EMFILE'].map((code) =>
    failureOf(coded(code), at),
  ),
  ...['the key of user ops', 'the password of user ops'].map((login) =>
    failureOf(Object.assign(new Error('x'), { level: 'client-authentication' }), { ...at, login }),
  ),
  failureOf(new Error('x'), { ...at, stage: 'connected' }),
  failureOf(new Error('no matching cipher'), at),
  ...(['connecting', 'connected', 'greeted', 'exchanged'] as const).map((stage) =>
    timeoutFailure('web-1:22', stage, 10_000),
  ),
]

test.each(failures.map((failure) => [failure.message]))('%s', (message) => {
  const { zh, en } = endMessage(message)
  expect(en).toBe(message)
  expect(zh).not.toBe(en)
  const jump = ofJump({ reason: 'refused', message }, 1)
  expect(endMessage(jump.message).zh).toBe(`跳板机 1：${zh}`)
})
