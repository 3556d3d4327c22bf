// The secrets that a slice needs, as they travel inside it.

import {
  type DriverEndpoint,
  type EndpointSecrets,
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

const endpointSchema = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number(),
  kind: z.enum(['salt', 'func']),
  settings: z.record(z.string(), z.json()),
  secrets: z.record(z.string(), z.string()),
})

/** By reference, and by id of the credential or the endpoint. What could not be opened says why instead. */
export const sliceSecretsSchema = z.object({
  values: z.record(z.string(), z.union([z.object({ value: z.string() }), missingSchema])),
  logins: z.record(z.string(), z.union([loginSchema, missingSchema])),
  /** Absent where no host needs one. */
  endpoints: z.record(z.string(), z.union([endpointSchema, missingSchema])).optional(),
})
export type SliceSecrets = z.output<typeof sliceSecretsSchema>

/** `endpoint` absent: nobody has any. */
export type SecretSource = Secrets & Partial<EndpointSecrets>

export const gatherSecrets = async (
  secrets: SecretSource,
  needed: {
    readonly refs: readonly string[]
    readonly credentials: readonly string[]
    readonly endpoints?: readonly string[]
  },
): Promise<SliceSecrets> => ({
  values: await collected(needed.refs, async (ref) => ({
    value: (await secrets.open(ref)).reveal(),
  })),
  logins: await collected(needed.credentials, async (id) => wireOf(await secrets.credential(id))),
  ...(needed.endpoints && needed.endpoints.length > 0
    ? { endpoints: await collected(needed.endpoints, (id) => wireOfEndpoint(secrets, id)) }
    : {}),
})

const wireOfEndpoint = async (
  secrets: SecretSource,
  id: string,
): Promise<z.output<typeof endpointSchema>> => {
  const found = await secrets.endpoint?.(id)
  if (!found) throw new Problem('ENDPOINT_UNKNOWN', { endpoint: id })
  const opened = Object.entries(found.secrets).map(([name, secret]) => [name, secret.reveal()])
  // As JSON has it: what is stored has no undefined.
  const settings = JSON.parse(JSON.stringify(found.settings))
  return { ...found, settings, secrets: Object.fromEntries(opened) }
}

const endpointOf = (wire: z.output<typeof endpointSchema>): DriverEndpoint => ({
  ...wire,
  secrets: Object.fromEntries(
    Object.entries(wire.secrets).map(([name, value]) => [name, new Secret(value)]),
  ),
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
export class HeldSecrets implements Secrets, EndpointSecrets {
  readonly #values = new Map<string, Kept<SliceSecrets['values'][string]>>()
  readonly #logins = new Map<string, Kept<SliceSecrets['logins'][string]>>()
  readonly #endpoints = new Map<string, Kept<NonNullable<SliceSecrets['endpoints']>[string]>>()

  keep({ values, logins, endpoints = {} }: SliceSecrets): void {
    for (const [ref, value] of Object.entries(values)) keepIn(this.#values, ref, value)
    for (const [id, login] of Object.entries(logins)) keepIn(this.#logins, id, login)
    for (const [id, one] of Object.entries(endpoints)) keepIn(this.#endpoints, id, one)
  }

  drop({ values, logins, endpoints = {} }: SliceSecrets): void {
    for (const ref of Object.keys(values)) dropFrom(this.#values, ref)
    for (const id of Object.keys(logins)) dropFrom(this.#logins, id)
    for (const id of Object.keys(endpoints)) dropFrom(this.#endpoints, id)
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

  async endpoint(id: string): Promise<DriverEndpoint> {
    const kept = this.#endpoints.get(id)?.value
    if (!kept) throw new Problem('ENDPOINT_UNKNOWN', { endpoint: id })
    if ('problem' in kept) throw problemOf(kept)
    return endpointOf(kept)
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
