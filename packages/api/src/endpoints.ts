// Endpoints of drivers: where salt-api is, and what all funcds of a site share. Secrets are written, never read back.

import { endpointKinds, funcSecrets, funcSettings, saltSecrets, saltSettings } from '@omserver/core'
import { z } from 'zod'
import { route } from './route.ts'
import { idSchema, okSchema, timeSchema } from './text-schema.ts'

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}]+$/u)
const idcSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}]+$/u)
const shared = { name: nameSchema, idc: idcSchema.optional() }

export const endpointInput = z.discriminatedUnion('kind', [
  z.strictObject({
    ...shared,
    kind: z.literal('salt'),
    settings: saltSettings,
    secrets: saltSecrets,
  }),
  z.strictObject({
    ...shared,
    kind: z.literal('func'),
    settings: funcSettings,
    secrets: funcSecrets,
  }),
])
export type EndpointInput = z.output<typeof endpointInput>

export const endpointSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: z.enum(endpointKinds),
  /** null: for every IDC that has none of its own. */
  idc: z.string().nullable(),
  /** As they were given; nothing secret. */
  settings: z.record(z.string(), z.json()),
  /** Hosts that are reached through it now. */
  hosts: z.number().int(),
  createdAt: timeSchema,
})
export type EndpointView = z.output<typeof endpointSchema>

/** Hosts that have the driver, and no endpoint to be reached through. */
export const unservedSchema = z.object({
  kind: z.enum(endpointKinds),
  idc: z.string(),
  hosts: z.number().int(),
})
export type UnservedHosts = z.output<typeof unservedSchema>

export const endpointRoutes = {
  list: route({
    id: 'endpoints.list',
    method: 'GET',
    path: '/api/driver-endpoints',
    summary: { zh: '执行通道接入点列表', en: 'List the endpoints of drivers' },
    may: 'endpoint.read',
    answer: z.object({ items: z.array(endpointSchema), unserved: z.array(unservedSchema) }),
  }),
  add: route({
    id: 'endpoints.add',
    method: 'POST',
    path: '/api/driver-endpoints',
    summary: { zh: '新增执行通道接入点', en: 'Add an endpoint of a driver' },
    may: 'endpoint.write',
    body: endpointInput,
    answer: endpointSchema,
    errors: [
      'ENDPOINT_EXISTS',
      'ENDPOINT_TAKEN',
      'ENDPOINT_PEM_BAD',
      'ENDPOINT_KEY_OTHER',
      'ENDPOINT_OVERLORD',
    ],
  }),
  remove: route({
    id: 'endpoints.remove',
    method: 'DELETE',
    path: '/api/driver-endpoints/:id',
    summary: { zh: '删除执行通道接入点', en: 'Delete an endpoint of a driver' },
    may: 'endpoint.write',
    params: z.object({ id: idSchema }),
    answer: okSchema,
    errors: ['ENDPOINT_UNKNOWN'],
  }),
} as const
