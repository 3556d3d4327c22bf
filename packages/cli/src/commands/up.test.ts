// Where `om up` listens: nowhere but on loopback until someone says otherwise. And what it says it does not do.

import { expect, test } from 'vitest'
import { databaseOf, listeningOf, noticesOf } from './up.ts'

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

test('what is asked for and not done is said, and nothing else', () => {
  const isWhole = true
  expect(noticesOf({ isWhole, env: { OM_DATABASE_URL: '', OM_DATA: '/data' } })).toEqual([])
  const env = { OM_DATABASE_URL: 'mysql://db', OM_NATS_URL: 'nats://engine' }
  expect(noticesOf({ isWhole, env })).toEqual([expect.stringContaining('OM_NATS_URL')])
  expect(noticesOf({ isWhole: false, env: { OM_NATS_URL: 'nats://engine' } })).toEqual([])
  expect(noticesOf({ isWhole, env: {}, modulesMade: '/nope' })).toEqual([
    expect.stringContaining('/nope'),
  ])
})

test('a database is named by an option or the environment, its password by the environment only', () => {
  const env = { OM_DATABASE_URL: 'mysql://om:secret@db/om' }
  expect(databaseOf({}, {})).toBeUndefined()
  expect(databaseOf({}, { OM_DATABASE_URL: '' })).toBeUndefined()
  expect(databaseOf({}, env)).toBe(env.OM_DATABASE_URL)
  expect(databaseOf({ database: 'sqlite:/a b.db' }, env)).toBe('sqlite:/a b.db')
  expect(databaseOf({ database: 'postgres://om@db/om' }, env)).toBe('postgres://om@db/om')
  expect(() => databaseOf({ database: env.OM_DATABASE_URL }, {})).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.not.stringContaining('secret') }),
  )
})

test.each(['http', '', '-1', '65536', '1e3', '0x50'])('port %j is refused', (port) => {
  expect(() => listeningOf({ port }, {})).toThrow(expect.objectContaining({ exitCode: 2 }))
})
