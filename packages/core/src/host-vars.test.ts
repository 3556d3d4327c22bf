// Checks of the variables of a host.

import { expect, test } from 'vitest'
import { varsOf } from './host-vars.ts'

test('name, address and every label', () => {
  expect(
    varsOf({
      name: 'web-1',
      address: '10.0.0.1',
      labels: { idc: 'sz', 业务: '商城', __proto__x: 'y' },
    }),
  ).toEqual({
    'host.name': 'web-1',
    'host.address': '10.0.0.1',
    'host.labels.idc': 'sz',
    'host.labels.业务': '商城',
    'host.labels.__proto__x': 'y',
  })
})
