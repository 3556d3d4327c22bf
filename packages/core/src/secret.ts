// References to secrets. The value itself never enters an action, an event, a log or a command line.

import type { Json } from './json.ts'

/** `ref` is opaque to everything but the Secrets port: `run:<runId>:<param>` or `credential:<id>`. */
export interface SecretRef {
  readonly kind: 'secret'
  readonly ref: string
}

export const secretRef = (ref: string): SecretRef => ({ kind: 'secret', ref })

export const isSecretRef = (value: unknown): value is SecretRef =>
  typeof value === 'object' &&
  value !== null &&
  (value as { kind?: unknown }).kind === 'secret' &&
  typeof (value as { ref?: unknown }).ref === 'string'

/** The references in a value, each once. */
export const secretRefsIn = (value: unknown): readonly string[] => {
  const refs = new Set<string>()
  const walk = (part: unknown): void => {
    if (isSecretRef(part)) refs.add(part.ref)
    else if (Array.isArray(part)) part.forEach(walk)
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(walk)
  }
  walk(value)
  return [...refs]
}

/** A secret value in memory. Prints as `***` wherever it is formatted or serialised by mistake. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '***'
  }
  toJSON(): string {
    return '***'
  }
}

/** What a driver needs to log in to a host, opened at the last moment. */
export interface LoginSecret {
  readonly id: string
  /** Changes whenever the credential is edited, so that pooled connections are not reused wrongly. */
  readonly version: number
  readonly user: string
  readonly kind: 'ssh-key' | 'password' | 'agent'
  readonly privateKey?: Secret
  readonly passphrase?: Secret
  readonly password?: Secret
}

/**
 * Where a driver that reaches its hosts through somebody else finds that: salt-api, or what all funcds of a site share.
 * Opened at the last moment, like a login.
 */
export interface DriverEndpoint {
  readonly id: string
  readonly name: string
  /** Changes whenever it is edited. */
  readonly version: number
  readonly kind: 'salt' | 'func'
  /** Of its kind, such as `url`; nothing secret. */
  readonly settings: Readonly<Record<string, Json>>
  /** Of its kind, such as `password` or `key`. */
  readonly secrets: Readonly<Record<string, Secret>>
}

/** Port: opens references when they are needed; whoever receives a value drops it after use. */
export interface Secrets {
  /** Rejects with Problem('SECRET_MISSING', {ref}) when it is gone. */
  open(ref: string): Promise<Secret>
  /** Rejects with Problem('CREDENTIAL_UNKNOWN', {credential}). */
  credential(id: string): Promise<LoginSecret>
}

/** Port: the same for endpoints of drivers. */
export interface EndpointSecrets {
  /** Rejects with Problem('ENDPOINT_UNKNOWN', {endpoint}). */
  endpoint(id: string): Promise<DriverEndpoint>
}
