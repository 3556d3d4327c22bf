import { type Grant, type Host, type Role, requireGrant } from '@omserver/core'
import { expect, it } from 'vitest'
import type { Actor } from '../actor.ts'
import { can, permissionsOf } from './access.ts'

const actor = (role: Role, grants: readonly Grant[] = []): Actor => ({
  id: 'u1',
  name: role,
  role,
  permissions: permissionsOf(role),
  grants,
  via: 'session',
  from: '127.0.0.1',
})
const host = (name: string, labels: Record<string, string>): Host => ({
  id: name,
  name,
  address: '10.0.0.1',
  port: 22,
  driver: 'ssh',
  labels,
})
const web = host('web-1', { idc: 'sz', app: 'nginx' })
const db = host('db-1', { idc: 'sz', app: 'mysql' })
const grant = (modules: string[], selector: string): Grant => ({ id: 'g', modules, selector })

it('lets an administrator run anything anywhere, and a viewer nothing', () => {
  requireGrant(actor('admin'), 'shell', [web, db])
  expect(() => requireGrant(actor('viewer', [grant(['*'], '*')]), 'shell', [web])).toThrow(
    'FORBIDDEN',
  )
  expect(can(actor('viewer'), 'run.read')).toBe(true)
  expect(can(actor('viewer'), 'run.launch')).toBe(false)
})

it('holds an operator to module and hosts of one grant', () => {
  const operator = actor('operator', [
    grant(['service.*'], 'app=nginx'),
    grant(['shell'], 'idc=bj'),
  ])
  requireGrant(operator, 'service.restart', [web])
  const refused: [string, Host[], string][] = [
    ['service.restart', [web, db], 'db-1'],
    ['shell', [web], 'web-1'],
    ['copy', [web], 'web-1'],
  ]
  for (const [module, hosts, named] of refused) {
    expect(() => requireGrant(operator, module, hosts)).toThrow(
      expect.objectContaining({ code: 'GRANT_MISSING', details: { module, hosts: named } }),
    )
  }
})

it('names the first hosts of many that no grant covers', () => {
  const hosts = Array.from({ length: 300 }, (_, n) => host(`h${n}`, {}))
  expect(() => requireGrant(actor('operator'), 'shell', hosts)).toThrow(/h0, h1, .*h19 … \(300\)/)
})
