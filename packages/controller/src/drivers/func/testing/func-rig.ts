// A driver and what it needs in tests: an endpoint, secrets that are given as they are asked for, hosts.

import {
  type DriverEndpoint,
  Problem,
  Secret,
  type SecretRef,
  secretRef,
  type TargetHost,
} from '@omserver/core'
import type { Pair } from '../../../../../../e2e/support/func/certificates.ts'
import type { Driver } from '../../../driver.ts'
import { funcDriver } from '../driver.ts'

/** For tests in which nothing goes through an overlord. */
const noSsh: Driver = {
  name: 'ssh',
  capabilities: { leaves: [], abort: 'none' },
  carryOut: () => Promise.reject(new Error('nothing is to go by ssh here')),
  health: async () => ({ ok: true, version: '', problems: [] }),
  close: async () => undefined,
}

export interface FuncRig {
  readonly driver: Driver
  host(name: string, port: number, more?: Partial<TargetHost>): TargetHost
  secret(value: string): SecretRef
}

export const funcRig = (
  ca: string,
  pair: Pair,
  more: {
    readonly spools?: string
    readonly settings?: DriverEndpoint['settings']
    readonly ssh?: Driver
  } = {},
): FuncRig => {
  const secrets = new Map<string, string>()
  const endpoint: DriverEndpoint = {
    id: 'e1',
    name: 'site',
    version: 1,
    kind: 'func',
    settings: { port: 51_234, ca, legacyTls: false, mode: 'direct', ...more.settings },
    secrets: { cert: new Secret(pair.cert), key: new Secret(pair.key) },
  }
  const driver = funcDriver({
    ssh: more.ssh ?? noSsh,
    spools: more.spools,
    secrets: {
      open: async (ref) => {
        const value = secrets.get(ref)
        if (value === undefined) throw new Problem('SECRET_MISSING', { ref })
        return new Secret(value)
      },
      endpoint: async (id) => {
        if (id !== 'e1') throw new Problem('ENDPOINT_UNKNOWN', { endpoint: id })
        return endpoint
      },
    },
  })
  return {
    driver,
    host: (name, port, extra = {}) => ({
      hostId: name,
      name,
      access: { address: '127.0.0.1', port },
      endpointId: 'e1',
      jumps: [],
      vars: { 'host.name': name },
      ...extra,
    }),
    secret(value) {
      const ref = `run:run-1:${secrets.size}`
      secrets.set(ref, value)
      return secretRef(ref)
    },
  }
}
