// Hosts, modules, credentials and settings at the ports of the run slice, as a test wants them.

import type { Settings } from '@omserver/api'
import {
  type Action,
  type FormField,
  type Host,
  type HostKeySeen,
  matchHosts,
  Problem,
  parseSelector,
  Secret,
  type TableSpec,
  type TargetHost,
  type Text,
  unknownNames,
  varsOf,
} from '@omserver/core'
import type { CatalogueEntry } from '../../modules/index.ts'
import { defaultSettings } from '../../settings/index.ts'
import type { RunParts } from '../ports.ts'

export interface FakeFleet extends RunParts {
  readonly all: Host[]
  readonly keys: HostKeySeen[]
}

export const fakeHost = (name: string, idc = 'default', more: Partial<Host> = {}): Host => ({
  id: `id-${name}`,
  name,
  address: '127.0.0.1',
  port: 22,
  driver: 'sim',
  labels: { idc },
  ...more,
})

export interface FakeModule {
  readonly name: string
  readonly action: (params: Readonly<Record<string, unknown>>) => Action
  readonly fields?: readonly FormField[]
  readonly dangerous?: Text
  readonly checkable?: boolean
  readonly table?: TableSpec
  readonly timeoutMs?: number
}

export const echo: FakeModule = {
  name: 'echo',
  action: () => ({ kind: 'shell', command: ['echo hello'] }),
}

const said: Text = { zh: '测试', en: 'Test' }

export const fakeFleet = (
  hosts: readonly Host[],
  modules: readonly FakeModule[] = [echo],
  settings: Partial<Settings> = {},
): FakeFleet => {
  const all = [...hosts]
  const keys: HostKeySeen[] = []
  const entryOf = (module: FakeModule): CatalogueEntry => ({
    name: module.name,
    title: said,
    summary: said,
    category: 'general',
    source: 'builtin',
    fields: module.fields ?? [],
    paramsSchema: {},
    idempotent: false,
    checkable: module.checkable ?? false,
    mask: ['self'],
    dangerous: module.dangerous,
    table: module.table,
    timeoutMs: module.timeoutMs,
  })
  return {
    all,
    keys,
    hosts: {
      all: async () => all,
      byId: async (id) => all.find((host) => host.id === id),
      groups: async () => new Map(),
      select: async (text) => {
        const selector = parseSelector(text)
        return { hosts: matchHosts(selector, all), unknown: unknownNames(selector, all) }
      },
      targetsOf: async (wanted) =>
        wanted.map(
          (host): TargetHost => ({
            hostId: host.id,
            name: host.name,
            access: { address: host.address, port: host.port },
            jumps: [],
            vars: varsOf(host),
          }),
        ),
      keySeen: async (event) => {
        keys.push(event)
      },
    },
    credentials: {
      find: async (name) => (name === 'lab' ? { id: 'credential-lab', name } : undefined),
      login: async (id) => ({
        id,
        version: 1,
        user: 'lab',
        kind: 'password',
        password: new Secret('of the credential'),
      }),
    },
    modules: {
      find: async (name) => {
        const module = modules.find((one) => one.name === name)
        return module && entryOf(module)
      },
      evaluate: async (name, params, { check }) => {
        const module = modules.find((one) => one.name === name)
        if (!module) throw new Problem('MODULE_UNKNOWN', { module: name })
        if (check && !module.checkable) return { ok: true, entry: entryOf(module), action: null }
        return { ok: true, entry: entryOf(module), action: module.action(params) }
      },
    },
    settings: { read: async () => ({ ...defaultSettings, ...settings }) },
  }
}
