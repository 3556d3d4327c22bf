// Checks of addresses and networks.

import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inCidr, ipKey, isAddress, parseCidr, parseIp } from './ip.ts'

const same = (a: string, b: string) => ipKey(parseIp(a) ?? []) === ipKey(parseIp(b) ?? [-1])

test('one address has many spellings', () => {
  expect(same('::1', '0:0:0:0:0:0:0:1')).toBe(true)
  expect(same('2001:DB8::', '2001:db8:0::0')).toBe(true)
  expect(same('::ffff:10.0.0.1', '10.0.0.1')).toBe(true)
  expect(same('::1', '::2')).toBe(false)
})

test('agrees with Node on every address and on what is none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.ipV4Extended(),
        fc.stringMatching(/^[0-9a-f:.]{1,20}$/),
        fc.constantFrom(
          '10.0.0.256',
          '1.2.3',
          '01.2.3.4',
          ':::',
          '1::2::3',
          '::1.2.3',
          '1:2:3:4:5:6:7::8',
          '',
        ),
      ),
      (text) => {
        expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0)
      },
    ),
    { numRuns: 500 },
  )
})

test('networks hold what their first bits say', () => {
  const holds = (network: string, ip: string) => {
    const cidr = parseCidr(network)
    return cidr && inCidr(parseIp(ip) ?? [], cidr)
  }
  expect(holds('10.0.0.0/8', '10.255.3.4')).toBe(true)
  expect(holds('10.0.0.0/8', '11.0.0.0')).toBe(false)
  expect(holds('10.1.2.3/30', '10.1.2.0')).toBe(true)
  expect(holds('10.1.2.3/31', '10.1.2.1')).toBe(false)
  expect(holds('0.0.0.0/0', '1.2.3.4')).toBe(true)
  expect(holds('::/0', '1.2.3.4')).toBe(false)
  expect(holds('fd00::/9', 'fd7f::1')).toBe(true)
  expect(holds('fd00::/9', 'fd80::1')).toBe(false)
  expect(
    ['10.0.0.0/33', '10.0.0/8', '/8', '10.0.0.0/', '::/129', '10.0.0.0/8/8'].map(parseCidr),
  ).toEqual(Array(6).fill(undefined))
})

test('a host is reached by an address or a DNS name', () => {
  expect(['10.0.0.1', 'fd00::1', 'web-1', 'db_1.sz.example.com'].every(isAddress)).toBe(true)
  expect(
    ['10.0.0.256', '1.2.3', 'a b', '', '-a', 'a..b', '中文', `${'a'.repeat(64)}.com`].some(
      isAddress,
    ),
  ).toBe(false)
})
