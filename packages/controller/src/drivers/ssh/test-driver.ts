// A driver over credentials and secrets held in memory, for the tests of this folder.

import { type LoginSecret, Problem, Secret } from '@omserver/core'
import { type SshDriver, type SshDriverOptions, sshDriver } from './driver.ts'

type Way =
  | { readonly key: string; readonly passphrase?: string }
  | { readonly password: string }
  | 'agent'

export interface TestDriver {
  readonly driver: SshDriver
  /** Stores or replaces a credential, and returns its id. */
  credential(id: string, user: string, way: Way): string
  secret(ref: string, value: string): void
}

export const testDriver = (options: Partial<SshDriverOptions> = {}): TestDriver => {
  const credentials = new Map<string, LoginSecret>()
  const secrets = new Map<string, Secret>()
  const driver = sshDriver({
    clock: { now: Date.now, monotonic: () => performance.now() },
    secrets: {
      open: (ref) => found(secrets.get(ref), new Problem('SECRET_MISSING', { ref })),
      credential: (id) =>
        found(credentials.get(id), new Problem('CREDENTIAL_UNKNOWN', { credential: id })),
    },
    ...options,
  })
  return {
    driver,
    credential: (id, user, way) => {
      const version = (credentials.get(id)?.version ?? 0) + 1
      credentials.set(id, { id, version, user, ...secretsOf(way) })
      return id
    },
    secret: (ref, value) => secrets.set(ref, new Secret(value)),
  }
}

const found = <T>(value: T | undefined, otherwise: Error): Promise<T> =>
  value === undefined ? Promise.reject(otherwise) : Promise.resolve(value)

const secretsOf = (way: Way): Omit<LoginSecret, 'id' | 'version' | 'user'> => {
  if (way === 'agent') return { kind: 'agent' }
  if ('password' in way) return { kind: 'password', password: new Secret(way.password) }
  const { key, passphrase } = way
  return {
    kind: 'ssh-key',
    privateKey: new Secret(key),
    ...(passphrase === undefined ? {} : { passphrase: new Secret(passphrase) }),
  }
}
