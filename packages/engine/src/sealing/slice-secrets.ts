// The secrets that a slice needs, as they travel inside it.

import {
  type LoginSecret,
  Problem,
  type ProblemDetails,
  Secret,
  type Secrets,
} from '@omserver/core'
import { z } from 'zod'

const missingSchema = z.object({
  problem: z.object({ code: z.string(), details: z.record(z.string(), z.json()) }),
})

const loginSchema = z.object({
  id: z.string(),
  version: z.number(),
  user: z.string(),
  kind: z.enum(['ssh-key', 'password', 'agent']),
  privateKey: z.string().optional(),
  passphrase: z.string().optional(),
  password: z.string().optional(),
})

/** By reference, and by id of the credential. What could not be opened says why instead. */
export const sliceSecretsSchema = z.object({
  values: z.record(z.string(), z.union([z.object({ value: z.string() }), missingSchema])),
  logins: z.record(z.string(), z.union([loginSchema, missingSchema])),
})
export type SliceSecrets = z.output<typeof sliceSecretsSchema>

export const gatherSecrets = async (
  secrets: Secrets,
  needed: { readonly refs: readonly string[]; readonly credentials: readonly string[] },
): Promise<SliceSecrets> => ({
  values: await collected(needed.refs, async (ref) => ({
    value: (await secrets.open(ref)).reveal(),
  })),
  logins: await collected(needed.credentials, async (id) => wireOf(await secrets.credential(id))),
})

const collected = async <T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
): Promise<Record<string, T | z.output<typeof missingSchema>>> => {
  const found: [string, T | z.output<typeof missingSchema>][] = []
  for (const name of new Set(names)) found.push([name, await read(name).catch(missing)])
  return Object.fromEntries(found)
}

/** A host whose secret is gone fails and says so; the others of the slice run. */
const missing = (error: unknown): z.output<typeof missingSchema> => {
  if (!(error instanceof Problem)) throw error
  const details = JSON.parse(JSON.stringify(error.details)) as Record<string, z.core.util.JSONType>
  return { problem: { code: error.code, details } }
}

const wireOf = (login: LoginSecret): z.output<typeof loginSchema> => ({
  id: login.id,
  version: login.version,
  user: login.user,
  kind: login.kind,
  ...(login.privateKey && { privateKey: login.privateKey.reveal() }),
  ...(login.passphrase && { passphrase: login.passphrase.reveal() }),
  ...(login.password && { password: login.password.reveal() }),
})

const secretOf = (text: string | undefined): Secret | undefined =>
  text === undefined ? undefined : new Secret(text)

const loginOf = (login: z.output<typeof loginSchema>): LoginSecret => ({
  ...login,
  privateKey: secretOf(login.privateKey),
  passphrase: secretOf(login.passphrase),
  password: secretOf(login.password),
})

interface Kept<T> {
  readonly value: T
  slices: number
}

/** Of the slices that are held now. */
export class HeldSecrets implements Secrets {
  readonly #values = new Map<string, Kept<SliceSecrets['values'][string]>>()
  readonly #logins = new Map<string, Kept<SliceSecrets['logins'][string]>>()

  keep({ values, logins }: SliceSecrets): void {
    for (const [ref, value] of Object.entries(values)) keepIn(this.#values, ref, value)
    for (const [id, login] of Object.entries(logins)) keepIn(this.#logins, id, login)
  }

  drop({ values, logins }: SliceSecrets): void {
    for (const ref of Object.keys(values)) dropFrom(this.#values, ref)
    for (const id of Object.keys(logins)) dropFrom(this.#logins, id)
  }

  async open(ref: string): Promise<Secret> {
    const kept = this.#values.get(ref)?.value
    if (!kept) throw new Problem('SECRET_MISSING', { ref })
    if ('problem' in kept) throw problemOf(kept)
    return new Secret(kept.value)
  }

  async credential(id: string): Promise<LoginSecret> {
    const kept = this.#logins.get(id)?.value
    if (!kept) throw new Problem('CREDENTIAL_UNKNOWN', { credential: id })
    if ('problem' in kept) throw problemOf(kept)
    return loginOf(kept)
  }
}

/** The newest is what counts: a credential may have been changed between two slices. */
const keepIn = <T>(kept: Map<string, Kept<T>>, key: string, value: T): void => {
  kept.set(key, { value, slices: (kept.get(key)?.slices ?? 0) + 1 })
}

const dropFrom = <T>(kept: Map<string, Kept<T>>, key: string): void => {
  const entry = kept.get(key)
  if (!entry) return
  entry.slices--
  if (entry.slices === 0) kept.delete(key)
}

const problemOf = ({ problem }: z.output<typeof missingSchema>): Problem =>
  new Problem(problem.code, problem.details as ProblemDetails)
