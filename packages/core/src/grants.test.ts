// Checks of grants: what they cover, and that a broken one covers nothing.

import { expect, test } from 'vitest'
import { grantAllows } from './grants.ts'

const host = (name: string, idc: string) => ({
  name,
  address: '10.0.0.1',
  driver: 'ssh' as const,
  labels: { idc },
})
const [sz, bj] = [host('a', 'sz'), host('b', 'bj')]
const grant = (modules: string[], selector: string) => ({ id: selector, modules, selector })

test('each host needs a grant that also names the module', () => {
  const grants = [grant(['service.*'], 'idc=sz'), grant(['system.uptime'], '*')]
  expect(grantAllows(grants, 'service.restart', [sz])).toEqual({ allowed: true })
  expect(grantAllows(grants, 'service.restart', [sz, bj])).toEqual({
    allowed: false,
    module: true,
    hosts: ['b'],
  })
  expect(grantAllows(grants, 'system.uptime', [sz, bj])).toEqual({ allowed: true })
  expect(grantAllows(grants, 'shell', [sz])).toEqual({
    allowed: false,
    module: false,
    hosts: ['a'],
  })
  expect(grantAllows([], 'shell', [])).toEqual({ allowed: false, module: false, hosts: [] })
})

test('grants add up over hosts', () => {
  expect(
    grantAllows([grant(['*'], 'idc=sz'), grant(['shell'], 'idc=bj')], 'shell', [sz, bj]),
  ).toEqual({ allowed: true })
})

test('a grant that does not parse or names a missing group covers nothing', () => {
  expect(grantAllows([grant(['*'], 'idc='), grant(['*'], '@gone')], 'shell', [sz])).toEqual({
    allowed: false,
    module: true,
    hosts: ['a'],
  })
})
