// Trust: giving hosts our public key with a one-time password, rotating keys, and checking connectivity.

import { z } from 'zod'
import { route } from './route.ts'
import { runSchema } from './run-schemas.ts'
import { selectorErrors, selectorSchema } from './text-schema.ts'

export const trustRoutes = {
  /** A run like any other (module `trust.establish`): watched, stored and repeated as a run. Passwords are not stored. */
  establish: route({
    id: 'trust.establish',
    method: 'POST',
    path: '/api/trust/establish',
    summary: { zh: '建立信任关系', en: 'Establish trust' },
    may: 'trust.write',
    body: z.strictObject({
      selector: selectorSchema,
      /** Credential whose public key is given to the hosts, and which they use afterwards. */
      credential: z.string().max(100),
      /** One-time login: one for all, or by host name; kept in memory only. */
      user: z.string().min(1).max(64),
      password: z.string().max(1000).optional(),
      passwords: z.record(z.string(), z.string().max(1000)).default({}),
      confirmHosts: z.number().int().optional(),
    }),
    answer: runSchema,
    errors: [
      ...selectorErrors,
      'SELECTOR_EMPTY',
      'SELECTOR_UNKNOWN_NAMES',
      'CREDENTIAL_UNKNOWN',
      'TRUST_NEEDS_KEY',
      'TRUST_LOCAL',
      'TRUST_PASSWORD_MISSING',
      'CONFIRM_NEEDED',
      'COUNT_MISMATCH',
    ],
  }),
  /** Puts the new key in place with the old one, verifies it, then removes the old one. */
  rotate: route({
    id: 'trust.rotate',
    method: 'POST',
    path: '/api/trust/rotate',
    summary: { zh: '轮换密钥', en: 'Rotate keys' },
    may: 'trust.write',
    body: z.strictObject({
      selector: selectorSchema,
      from: z.string().max(100),
      to: z.string().max(100),
      removeOld: z.boolean().default(true),
      confirmHosts: z.number().int().optional(),
    }),
    answer: runSchema,
    errors: [
      ...selectorErrors,
      'SELECTOR_EMPTY',
      'SELECTOR_UNKNOWN_NAMES',
      'CREDENTIAL_UNKNOWN',
      'TRUST_NEEDS_KEY',
      'TRUST_SAME_KEY',
      'TRUST_LOCAL',
      'CONFIRM_NEEDED',
      'COUNT_MISMATCH',
    ],
  }),
  /** 连通性检测: a run of `true` whose failures are grouped by reason. */
  check: route({
    id: 'trust.check',
    method: 'POST',
    path: '/api/trust/check',
    summary: { zh: '连通性检测', en: 'Check connectivity' },
    may: 'run.launch',
    body: z.strictObject({ selector: selectorSchema, id: z.uuid().optional() }),
    answer: runSchema,
    errors: [
      ...selectorErrors,
      'SELECTOR_EMPTY',
      'SELECTOR_UNKNOWN_NAMES',
      'GRANT_MISSING',
      'LOCAL_ADMIN_ONLY',
      'RUN_ID_TAKEN',
    ],
  }),
} as const
