// Which endpoints are taken as they are given, and which of them serves a host.

import { describe, expect, test } from 'vitest'
import { endpointFor, funcSettings, saltSettings } from './driver-endpoint.ts'

const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const fits = (settings: object): boolean =>
  saltSettings.safeParse({ user: 'om', ...settings }).success

describe('settings of an endpoint', () => {
  test('salt-api is spoken to by TLS alone', () => {
    expect(fits({ url: 'https://master:8000' })).toBe(true)
    expect(fits({ url: 'https://master:8000/salt/', ca })).toBe(true)
    for (const url of ['http://master:8000', 'master:8000', 'https://a:b@master', 'https://m/?x']) {
      expect(fits({ url }), url).toBe(false)
    }
  })

  test('a certificate is PEM, and nothing is passed over', () => {
    expect(fits({ url: 'https://m', ca: 'MIIB' })).toBe(false)
    expect(fits({ url: 'https://m', verify: false })).toBe(false)
  })

  test('what is not said has its usual value', () => {
    expect(saltSettings.parse({ url: 'https://m', user: 'om' }).eauth).toBe('pam')
    expect(funcSettings.parse({ ca })).toEqual({
      ca,
      port: 51_234,
      legacyTls: false,
      mode: 'direct',
    })
  })
})

test('a host is reached through the endpoint of its IDC, else through the one of all', () => {
  const sz = { kind: 'salt', idc: 'sz', name: 'sz' } as const
  const all = { kind: 'salt', idc: null, name: 'all' } as const
  const func = { kind: 'func', idc: 'bj', name: 'func' } as const
  expect(endpointFor([all, sz, func], 'salt', 'sz')?.name).toBe('sz')
  expect(endpointFor([sz, all, func], 'salt', 'bj')?.name).toBe('all')
  expect(endpointFor([sz, func], 'salt', 'bj')).toBeUndefined()
})
