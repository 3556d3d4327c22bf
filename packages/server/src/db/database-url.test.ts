// The address of a database: what is understood, what is refused, and that a password is never repeated.

import { inspect } from 'node:util'
import { Problem } from '@omserver/core'
import { expect, it } from 'vitest'
import { parseDatabaseUrl, placeName } from './database-url.ts'

const problemOf = (text: string): unknown => {
  try {
    return parseDatabaseUrl(text)
  } catch (error) {
    return error
  }
}

it('reads user, password, place and name, and knows the usual ports', () => {
  const place = parseDatabaseUrl('mariadb://om:p%40ss%2Fw@db.example/omserver')
  expect(place).toMatchObject({
    kind: 'mysql',
    host: 'db.example',
    port: 3306,
    user: 'om',
    database: 'omserver',
    tls: 'off',
  })
  expect(place.kind !== 'sqlite' && place.password.reveal()).toBe('p@ss/w')
  expect(parseDatabaseUrl('postgresql://om@[::1]:6432/a%20b?sslmode=verify-full')).toMatchObject({
    kind: 'postgres',
    host: '::1',
    port: 6432,
    database: 'a b',
    tls: 'checked',
  })
  const socket = 'postgres://om@localhost/om?socket=/run/postgresql'
  expect(parseDatabaseUrl(socket)).toMatchObject({ socket: '/run/postgresql' })
  expect(parseDatabaseUrl('sqlite:/var/lib/x.db')).toEqual({
    kind: 'sqlite',
    file: '/var/lib/x.db',
  })
  expect(parseDatabaseUrl('sqlite:///var/lib/x.db')).toMatchObject({ file: '/var/lib/x.db' })
})

it.each([
  ['', '://'],
  ['omserver.db', '://'],
  ['oracle://a:geheim@b/c', '://'],
  ['mysql://om:geheim@db', '/DATABASE'],
  ['mysql://db/om', 'USER'],
  ['mysql://om:ge%heim@db/om', 'PASSWORD'],
  ['mysql://om:geheim@db/om?ssl=1', 'ssl'],
  ['postgres://om:geheim@db/om?sslmode=prefer', 'sslmode'],
  ['mysql://om:geheim@10.0.0.1/om?sslmode=verify-full', 'HOST'],
  ['sqlite:', 'sqlite:'],
  ['sqlite::memory:', 'sqlite:'],
])('%j is refused at %s, without its password', (text, part) => {
  const problem = problemOf(text)
  expect(problem).toBeInstanceOf(Problem)
  expect(problem).toMatchObject({ code: 'DATABASE_URL', details: { part } })
  expect(inspect(problem)).not.toContain('heim')
})

it('names a place without its password', () => {
  const place = parseDatabaseUrl('mysql://om:geheim@[::1]/omserver')
  expect(placeName(place)).toBe('mysql://om@[::1]:3306/omserver')
  expect(inspect(place) + JSON.stringify(place)).not.toContain('geheim')
})
