// The secrets port of the server: opens what a controller needs at the last moment.

import {
  type DriverEndpoint,
  type EndpointSecrets,
  type LoginSecret,
  Problem,
  Secret,
  type Secrets,
} from '@omserver/core'
import type { RunSecretsTable } from '../db/index.ts'
import type { Services } from '../services.ts'
import type { RunCredentials, RunEndpoints } from './ports.ts'
import { partsOfRef } from './secret-refs.ts'
import { findSecret } from './table.ts'

/** A password that is used for one run and never stored. */
export interface OnceLogin {
  readonly user: string
  readonly password: Secret
}

const ONCE = 'once:'

export const isOnce = (credential: string | null): boolean => credential?.startsWith(ONCE) ?? false

/** One login for every host of the run, or with `hostId` for that one. */
export const onceId = (runId: string, hostId?: string): string =>
  hostId === undefined ? `${ONCE}${runId}` : `${ONCE}${runId}:${hostId}`

const FRESH = 'fresh:'

/** The same credential under a name of this run alone: no connection that is open already answers to it. */
export const freshId = (runId: string, credentialId: string): string =>
  `${FRESH}${runId}:${credentialId}`

export class RunSecrets implements Secrets, EndpointSecrets {
  readonly #services: Pick<Services, 'db' | 'sealer'>
  readonly #credentials: RunCredentials
  readonly #endpoints: RunEndpoints | undefined
  /** By run, then by id. Gone when the run ends, and when the process does. */
  readonly #once = new Map<string, ReadonlyMap<string, OnceLogin>>()

  constructor(
    services: Pick<Services, 'db' | 'sealer'>,
    parts: { readonly credentials: RunCredentials; readonly endpoints?: RunEndpoints },
  ) {
    this.#services = services
    this.#credentials = parts.credentials
    this.#endpoints = parts.endpoints
  }

  async open(ref: string): Promise<Secret> {
    const parts = partsOfRef(ref)
    const row = parts && (await findSecret(this.#services.db, parts.runId, parts.name))
    if (!row) throw new Problem('SECRET_MISSING', { ref })
    return new Secret(Buffer.from(this.#services.sealer.open(row.sealed, ref)).toString('utf8'))
  }

  async credential(id: string): Promise<LoginSecret> {
    if (id.startsWith(FRESH)) {
      const known = id.slice(id.indexOf(':', FRESH.length) + 1)
      return { ...(await this.#credentials.login(known)), id }
    }
    if (!isOnce(id)) return this.#credentials.login(id)
    const runId = id.split(':')[1] ?? ''
    const login = this.#once.get(runId)?.get(id)
    if (!login) throw new Problem('CREDENTIAL_UNKNOWN', { credential: id })
    return { id, version: 1, user: login.user, kind: 'password', password: login.password }
  }

  async endpoint(id: string): Promise<DriverEndpoint> {
    if (!this.#endpoints) throw new Problem('ENDPOINT_UNKNOWN', { endpoint: id })
    return this.#endpoints.open(id)
  }

  keepOnce(runId: string, logins: ReadonlyMap<string, OnceLogin>): void {
    this.#once.set(runId, logins)
  }

  /** Whether the run was given logins that this process does not have. */
  hasForgotten(run: { readonly id: string; readonly credential: string | null }): boolean {
    return isOnce(run.credential) && !this.#once.has(run.id)
  }

  forgetOnce(runId: string): void {
    this.#once.delete(runId)
  }

  seal(runId: string, secrets: ReadonlyMap<string, string>): RunSecretsTable[] {
    return [...secrets].map(([name, value]) => ({
      run_id: runId,
      name,
      sealed: this.#services.sealer.seal(Buffer.from(value, 'utf8'), `run:${runId}:${name}`),
    }))
  }
}
