// Endpoints of drivers on a real database: which one serves a host, and secrets that only a run opens.

import type { EndpointInput } from '@omserver/api'
import type { Host, Problem } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holdsSealedData } from '../db/index.ts'
import { isStored } from '../testing/test-database.ts'
import { startServices, type TestServices } from '../testing/test-services.ts'
import { type EndpointService, endpointService } from './service.ts'

let test: TestServices
let endpoints: EndpointService
let hosts: Host[]

beforeEach(async () => {
  test = await startServices()
  hosts = []
  endpoints = endpointService(test.services, {
    hosts: {
      all: async () => hosts,
      byName: async (name) => hosts.find((host) => host.name === name),
    },
  })
})
afterEach(() => test[Symbol.asyncDispose]())

const salt = (name: string, idc?: string): EndpointInput => ({
  kind: 'salt',
  name,
  ...(idc === undefined ? {} : { idc }),
  settings: { url: 'https://master:8000', user: 'om', eauth: 'pam' },
  secrets: { password: 'hunter2 很长' },
})

const host = (name: string, driver: Host['driver'], idc?: string): Host => ({
  id: name,
  name,
  address: name,
  port: 22,
  driver,
  labels: idc === undefined ? {} : { idc },
})

const problem = (of: Promise<unknown>) =>
  of.then(
    () => 'fine',
    (error: Problem) => error.code,
  )

describe('endpoints of drivers', () => {
  it('open for a run, and keep nothing secret readable', async () => {
    expect(await holdsSealedData(test.services.db)).toBe(false)
    const { id } = await endpoints.add(test.admin, salt('main'))
    const opened = await endpoints.open(id)
    expect(opened).toMatchObject({ name: 'main', kind: 'salt', version: 1 })
    expect(opened.secrets['password']?.reveal()).toBe('hunter2 很长')
    expect(JSON.stringify([await endpoints.list(), opened])).not.toContain('hunter2')
    expect(await isStored(test.services.dataDir, 'hunter2')).toBe(false)
    expect(await holdsSealedData(test.services.db)).toBe(true)
    await endpoints.remove(test.admin, id)
    expect(await problem(endpoints.open(id))).toBe('ENDPOINT_UNKNOWN')
    const { items } = await test.activity.list({}, { limit: 10 })
    expect(items.map(({ what, subject }) => [what, subject])).toEqual([
      ['endpoints.remove', 'main'],
      ['endpoints.add', 'main'],
    ])
    expect(JSON.stringify(items)).not.toContain('hunter2')
  })

  it('serve the hosts of their IDC, and one without an IDC serves the others', async () => {
    const sz = await endpoints.add(test.admin, salt('sz', 'sz'))
    hosts = [host('a', 'salt', 'sz'), host('b', 'salt', 'bj'), host('c', 'ssh', 'bj')]
    const carried = hosts.map((one) => ({ host: one, driver: one.driver }))
    expect(await problem(endpoints.of(carried))).toBe('ENDPOINT_MISSING')
    expect(await endpoints.list()).toMatchObject({
      items: [{ name: 'sz', hosts: 1 }],
      unserved: [{ kind: 'salt', idc: 'bj', hosts: 1 }],
    })
    const all = await endpoints.add(test.admin, salt('all'))
    expect(await endpoints.of(carried)).toEqual([sz.id, all.id, undefined])
    expect((await endpoints.list()).unserved).toEqual([])
  })

  it('are refused where they could not be told apart, or could not work', async () => {
    await endpoints.add(test.admin, salt('main'))
    expect(await problem(endpoints.add(test.admin, salt('main', 'sz')))).toBe('ENDPOINT_EXISTS')
    expect(await problem(endpoints.add(test.admin, salt('other')))).toBe('ENDPOINT_TAKEN')
    const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    const broken = salt('sz', 'sz')
    if (broken.kind === 'salt') broken.settings.ca = ca
    expect(await problem(endpoints.add(test.admin, broken))).toBe('ENDPOINT_PEM_BAD')
    const transmit: EndpointInput = {
      kind: 'func',
      name: 'func',
      settings: { port: 51_234, ca, legacyTls: false, mode: 'transmit', overlord: 'nobody' },
      secrets: { cert: ca, key: ca },
    }
    expect(await problem(endpoints.add(test.admin, transmit))).toBe('ENDPOINT_PEM_BAD')
    expect((await endpoints.list()).items.map(({ name }) => name)).toEqual(['main'])
  })
})
