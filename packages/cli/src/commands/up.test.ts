// Where `om up` listens: nowhere but on loopback until someone says otherwise.

import { expect, test } from 'vitest'
import { listeningOf } from './up.ts'

test('an option wins over the environment, the environment over the usual place', () => {
  const env = { OM_HOST: '10.0.0.1', OM_PORT: '9000' }
  expect(listeningOf({}, {})).toEqual({ host: '127.0.0.1', port: 8640 })
  expect(listeningOf({}, env)).toEqual({ host: '10.0.0.1', port: 9000 })
  expect(listeningOf({ host: '::1', port: '0' }, env)).toEqual({ host: '::1', port: 0 })
})

test('an empty variable is an absent one', () => {
  const usual = { host: '127.0.0.1', port: 8640 }
  expect(listeningOf({}, { OM_HOST: '', OM_PORT: '' })).toEqual(usual)
  expect(listeningOf({ host: '' }, {})).toEqual(usual)
})

test.each(['http', '', '-1', '65536', '1e3', '0x50'])('port %j is refused', (port) => {
  expect(() => listeningOf({ port }, {})).toThrow(expect.objectContaining({ exitCode: 2 }))
})
