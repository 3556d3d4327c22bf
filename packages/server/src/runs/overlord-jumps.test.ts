// The way to a host that only its overlord's func-transmit reaches.

import { type DriverEndpoint, Problem, type TargetHost } from '@omserver/core'
import { expect, test } from 'vitest'
import { withOverlords } from './overlord-jumps.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'

const endpoint = (settings: DriverEndpoint['settings']): DriverEndpoint => ({
  id: 'e1',
  name: 'site',
  version: 1,
  kind: 'func',
  settings,
  secrets: {},
})

const frozen = async (settings: DriverEndpoint['settings'], ids: (string | undefined)[]) => {
  const hosts = ['m1', 'm2'].map((name) => fakeHost(name, 'sz', { driver: 'func' }))
  const overlord = fakeHost('o1', 'sz', { address: '10.0.0.1', driver: 'ssh', credentialId: 'lab' })
  const fleet = fakeFleet([...hosts, overlord])
  const endpoints = { of: async () => ids, open: async () => endpoint(settings) }
  const targets = await fleet.hosts.targetsOf(hosts, {})
  const wayTo: readonly TargetHost[] = await fleet.hosts.targetsOf([overlord], {})
  return {
    found: await withOverlords({ hosts: fleet.hosts, endpoints }, targets, ids),
    targets,
    wayTo,
  }
}

test('leads through the overlord, with its own login; other hosts are left as they are', async () => {
  const { found, targets, wayTo } = await frozen({ mode: 'transmit', overlord: 'o1' }, [
    'e1',
    undefined,
  ])
  expect(found[0]).toEqual({ ...targets[0], jumps: [wayTo[0]?.access] })
  expect(found[1]).toEqual(targets[1])
})

test('is the usual one where funcd is reached directly', async () => {
  const { found, targets } = await frozen({ mode: 'direct' }, ['e1', 'e1'])
  expect(found).toEqual(targets)
})

test('an overlord that is no host is named before anything is launched', async () => {
  await expect(frozen({ mode: 'transmit', overlord: 'nobody' }, ['e1', 'e1'])).rejects.toThrow(
    Problem,
  )
})
