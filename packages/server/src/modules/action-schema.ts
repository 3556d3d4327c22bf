// Parses an action that foreign code made. Our own modules are checked by their types.

import type { Action } from '@omserver/core'
import { z } from 'zod'

const secret = z.strictObject({ kind: z.literal('secret'), ref: z.string().max(300) })
const part = z.union([
  z.string().max(1_000_000),
  z.strictObject({ value: z.string().max(1_000_000) }),
  z.strictObject({ var: z.string().max(200) }),
])
const processOptions = {
  runAs: z
    .strictObject({
      user: z.string().max(64),
      method: z.enum(['sudo', 'su']),
      password: secret.optional(),
    })
    .optional(),
  cwd: z.string().max(4096).optional(),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.union([z.string(), secret]))
    .optional(),
  stdin: z.union([z.string().max(1_000_000), secret]).optional(),
  okExit: z.array(z.number().int().min(0).max(255)).optional(),
  changedExit: z.array(z.number().int().min(0).max(255)).optional(),
}
const name = z.string().min(1).max(200)
const jsonRecord = z.record(z.string(), z.json())
const leaf = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('shell'),
    command: z.array(part).max(10_000),
    endsBy: z.enum(['exit', 'disconnect']).optional(),
    ...processOptions,
  }),
  z.strictObject({
    kind: z.literal('script'),
    interpreter: z.enum(['sh', 'bash', 'python3', 'perl']),
    content: z.string().max(1_000_000),
    args: z.array(z.string().max(100_000)).max(1000).optional(),
    ...processOptions,
  }),
  z.strictObject({
    kind: z.literal('copy'),
    source: z.union([
      z.strictObject({ text: z.string().max(1_000_000) }),
      z.strictObject({ file: name, version: z.number().int().min(1).optional() }),
    ]),
    template: z.boolean().optional(),
    dest: z.string().max(4096),
    mode: z
      .string()
      .regex(/^[0-7]{3,4}$/)
      .optional(),
    owner: z.string().max(200).optional(),
    backup: z.boolean().optional(),
    runAs: processOptions.runAs,
  }),
  z.strictObject({
    kind: z.literal('fetch'),
    path: z.string().min(1).max(4096),
    maxBytes: z.number().int().min(1).max(1_000_000_000),
    runAs: processOptions.runAs,
  }),
  z.strictObject({
    kind: z.literal('playbook'),
    project: name,
    playbook: z.string().min(1).max(4096),
    vars: z.record(z.string(), z.union([secret, z.json()])),
    tags: z.array(name).max(100).optional(),
    skipTags: z.array(name).max(100).optional(),
    limit: z.string().max(10_000).optional(),
    vaultPassword: secret.optional(),
    runAs: processOptions.runAs,
  }),
  z.strictObject({
    kind: z.literal('state'),
    sls: z.array(name).min(1).max(100),
    pillar: jsonRecord.optional(),
    saltenv: name.optional(),
  }),
  z.strictObject({
    kind: z.literal('call'),
    function: name,
    args: z.array(z.json()).max(100),
    kwargs: jsonRecord.optional(),
  }),
])
const step = z.strictObject({
  name: z.string().min(1).max(100),
  action: leaf,
  when: z
    .strictObject({
      step: z.string(),
      exit: z.array(z.number().int()).optional(),
      outputIncludes: z.string().optional(),
      changed: z.boolean().optional(),
    })
    .optional(),
})
const actionSchema = z.union([
  leaf,
  z.strictObject({ kind: z.literal('steps'), steps: z.array(step).min(1).max(100) }),
])

/** Throws an Error that says where the action is not one. */
export const parseAction = (value: unknown): Action => {
  const parsed = actionSchema.safeParse(value)
  if (parsed.success) return parsed.data as Action
  throw new Error(`action() did not return an action: ${z.prettifyError(parsed.error)}`)
}
