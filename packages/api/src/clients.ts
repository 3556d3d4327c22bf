// Clients of an IDC: who may begin runs there without the server, and what its controllers have been told for that.

import { z } from 'zod'
import { route } from './route.ts'
import { textSchema, timeSchema } from './text-schema.ts'

const idc = z.string().regex(/^[^\s]{1,63}$/)
/** As in a certificate of `om pki`. */
const client = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)

export const clientSchema = z.object({
  idc: z.string(),
  /** The name in its certificate. */
  client: z.string(),
  /** Whose rights it has. */
  user: z.string(),
  allowed: z.object({ at: timeSchema, by: z.string() }),
})
export type ClientView = z.output<typeof clientSchema>

export const bookSchema = z.object({
  idc: z.string(),
  /** Hosts of the IDC, whose logins are in it. */
  hosts: z.number().int(),
  /** As it lies there, sealed. */
  bytes: z.number().int(),
  writtenAt: timeSchema,
  /** It counts until then. */
  until: timeSchema,
})

export const clientRoutes = {
  list: route({
    id: 'clients.list',
    method: 'GET',
    path: '/api/clients',
    summary: { zh: '机房客户端', en: 'Clients of IDCs' },
    may: 'controller.read',
    answer: z.object({
      items: z.array(clientSchema),
      books: z.array(bookSchema),
      /** Why the controllers of an IDC have not been told yet. */
      troubles: z.array(z.object({ idc: z.string(), what: textSchema })),
    }),
  }),
  allow: route({
    id: 'clients.allow',
    method: 'POST',
    path: '/api/clients',
    summary: {
      zh: '允许一个客户端在机房内直接发起执行',
      en: 'Let a client begin runs in an IDC without the server',
    },
    may: 'controller.write',
    body: z.strictObject({ idc, client, user: z.string().min(1).max(64) }),
    answer: clientSchema,
    errors: ['USER_UNKNOWN', 'CLIENT_EXISTS', 'CLIENT_NEEDS_CERTIFICATES'],
  }),
  deny: route({
    id: 'clients.deny',
    method: 'POST',
    path: '/api/clients/:client/deny',
    summary: { zh: '不再允许', en: 'Let it begin nothing more' },
    may: 'controller.write',
    params: z.object({ client }),
    body: z.strictObject({ idc }),
    answer: z.object({ ok: z.literal(true) }),
    errors: ['CLIENT_UNKNOWN'],
  }),
} as const
