// Credentials: write-only through the API. What is read back never contains the secret.

import { z } from 'zod'
import { route } from './route.ts'
import { idSchema, okSchema, timeSchema } from './text-schema.ts'

export const credentialTypes = ['ssh-key', 'password', 'agent'] as const

export const credentialSchema = z.object({
  id: idSchema,
  name: z.string(),
  type: z.enum(credentialTypes),
  user: z.string(),
  /** SHA256:… of the public key; null for passwords and the agent. */
  fingerprint: z.string().nullable(),
  publicKey: z.string().nullable(),
  hosts: z.number().int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
})
export type CredentialView = z.output<typeof credentialSchema>

export const credentialInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{C}]+$/u),
  type: z.enum(credentialTypes),
  /** Account on the host; as the host spells it, so no white space. */
  user: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\s\p{C}:-][^\s\p{C}:]*$/u),
  /** Private key in OpenSSH or PEM form. */
  key: z.string().max(64_000).optional(),
  passphrase: z.string().max(1000).optional(),
  password: z.string().max(1000).optional(),
  /** Make an ed25519 key pair here; the private half never leaves the server. */
  generate: z.boolean().optional(),
})

const byId = z.object({ id: idSchema })

export const credentialRoutes = {
  list: route({
    id: 'credentials.list',
    method: 'GET',
    path: '/api/credentials',
    summary: { zh: '凭据列表', en: 'List credentials' },
    may: 'credential.read',
    answer: z.object({ items: z.array(credentialSchema) }),
  }),
  add: route({
    id: 'credentials.add',
    method: 'POST',
    path: '/api/credentials',
    summary: { zh: '新增凭据', en: 'Add a credential' },
    may: 'credential.write',
    body: credentialInput,
    answer: credentialSchema,
    errors: [
      'CREDENTIAL_EXISTS',
      'CREDENTIAL_KEY_BAD',
      'CREDENTIAL_PASSPHRASE',
      'CREDENTIAL_INCOMPLETE',
      'CREDENTIAL_MISFIT',
    ],
  }),
  change: route({
    id: 'credentials.change',
    method: 'PATCH',
    path: '/api/credentials/:id',
    summary: { zh: '修改凭据', en: 'Change a credential' },
    may: 'credential.write',
    params: byId,
    body: credentialInput.omit({ type: true }).partial(),
    answer: credentialSchema,
    errors: [
      'CREDENTIAL_UNKNOWN',
      'CREDENTIAL_EXISTS',
      'CREDENTIAL_KEY_BAD',
      'CREDENTIAL_PASSPHRASE',
      'CREDENTIAL_INCOMPLETE',
      'CREDENTIAL_MISFIT',
    ],
  }),
  remove: route({
    id: 'credentials.remove',
    method: 'DELETE',
    path: '/api/credentials/:id',
    summary: { zh: '删除凭据', en: 'Delete a credential' },
    may: 'credential.write',
    params: byId,
    answer: okSchema,
    errors: ['CREDENTIAL_UNKNOWN', 'CREDENTIAL_IN_USE'],
  }),
} as const
