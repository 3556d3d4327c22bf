// Controllers: which there are, how they are, and who may open what is sent to an IDC.

import { z } from 'zod'
import { route } from './route.ts'
import { textSchema, timeSchema } from './text-schema.ts'

export const controllerStates = ['online', 'draining', 'offline', 'notEnrolled', 'revoked'] as const
export type ControllerState = (typeof controllerStates)[number]

const who = z.object({ at: timeSchema, by: z.string() })

/** What is wrong, and how it is mended. */
const troubleSchema = z.object({ what: textSchema, todo: textSchema })
export type Trouble = z.output<typeof troubleSchema>

export const controllerSchema = z.object({
  name: z.string(),
  /** Those it serves, or was enrolled for. */
  idcs: z.array(z.string()),
  state: z.enum(controllerStates),
  /** null: part of the server’s own process, or not enrolled. */
  enrolled: who.extend({ how: z.enum(['person', 'certificate']) }).nullable(),
  /** That it has shown last; null: none. */
  certificate: z
    .object({
      serial: z.string(),
      /** SHA-256, hex. */
      fingerprint: z.string(),
      /** Grows when its name is issued again. */
      generation: z.number().int(),
      endsAt: timeSchema,
    })
    .nullable(),
  revoked: who.nullable(),
  /** 16 hex digits of its public key; to be compared before it is enrolled. */
  fingerprint: z.string().nullable(),
  sealKey: z.string().nullable(),
  /** What it said of itself last; null: it is not there. */
  presence: z
    .object({
      at: timeSchema,
      startedAt: timeSchema,
      version: z.string(),
      host: z.string(),
      drivers: z.array(z.string()),
      slices: z.number().int(),
      inFlight: z.number().int(),
      /** One-minute load average, per processor. */
      load: z.number(),
    })
    .nullable(),
  troubles: z.array(troubleSchema),
})
export type ControllerView = z.output<typeof controllerSchema>

export const idcSchema = z.object({
  idc: z.string(),
  hosts: z.number().int(),
  /** Alive, and taking work. */
  controllers: z.number().int(),
  /** Slices that nobody has taken, and that somebody holds; null: the engine does not say. */
  waiting: z.number().int().nullable(),
  leased: z.number().int().nullable(),
  /** Messages of controllers that are not stored yet: how far what is shown lags behind. */
  behind: z.number().int().nullable(),
  troubles: z.array(troubleSchema),
})
export type IdcView = z.output<typeof idcSchema>

const name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/)
const byName = z.object({ name })

export const controllerRoutes = {
  list: route({
    id: 'controllers.list',
    method: 'GET',
    path: '/api/controllers',
    summary: { zh: '主控端与机房', en: 'Controllers and IDCs' },
    may: 'controller.read',
    answer: z.object({
      engine: z.enum(['embedded', 'nats']),
      items: z.array(controllerSchema),
      idcs: z.array(idcSchema),
    }),
  }),
  enroll: route({
    id: 'controllers.enroll',
    method: 'POST',
    path: '/api/controllers',
    summary: { zh: '登记主控端', en: 'Enrol a controller' },
    may: 'controller.write',
    body: z.strictObject({
      name,
      idc: z.string().regex(/^[^\s]{1,63}$/),
      /** Base64 of its public key, 32 bytes. */
      sealKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
    }),
    answer: controllerSchema,
    errors: ['CONTROLLER_EXISTS'],
  }),
  revoke: route({
    id: 'controllers.revoke',
    method: 'POST',
    path: '/api/controllers/:name/revoke',
    summary: { zh: '吊销主控端', en: 'Revoke a controller' },
    may: 'controller.write',
    params: byName,
    answer: controllerSchema,
    errors: ['CONTROLLER_UNKNOWN'],
  }),
  drain: route({
    id: 'controllers.drain',
    method: 'POST',
    path: '/api/controllers/:name/drain',
    summary: { zh: '排空或恢复主控端', en: 'Drain a controller, or let it take work again' },
    may: 'controller.write',
    params: byName,
    body: z.strictObject({ drain: z.boolean() }),
    answer: controllerSchema,
    errors: ['CONTROLLER_UNKNOWN', 'BUS_TIMEOUT'],
  }),
} as const
