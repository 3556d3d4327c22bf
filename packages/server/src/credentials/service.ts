// Credentials: what opens the hosts. Written through the API, read back only by whoever logs in.

import type { CredentialView } from '@omserver/api'
import { type LoginSecret, Problem, Secret } from '@omserver/core'
import type { Actor } from '../actor.ts'
import { fingerprintOf } from '../fingerprint.ts'
import type { Services } from '../services.ts'
import { sealContext } from './seal-context.ts'
import {
  missing,
  type PreparedSecret,
  prepareSecret,
  type SealedSecret,
  type SecretInput,
} from './secret-input.ts'
import * as table from './table.ts'

/** A credential without its secret, for whoever refers to one. */
interface CredentialBrief {
  readonly id: string
  readonly name: string
  readonly user: string
  readonly type: CredentialView['type']
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string | null
}

interface CredentialInput extends SecretInput {
  readonly name: string
  readonly type: CredentialView['type']
  readonly user: string
}

export interface CredentialService {
  list(): Promise<readonly CredentialView[]>
  /** Throws Problem: CREDENTIAL_EXISTS and those of `prepareSecret`. */
  add(actor: Actor, input: CredentialInput): Promise<CredentialView>
  /** Throws Problem: CREDENTIAL_UNKNOWN and those of `add`. */
  change(
    actor: Actor,
    id: string,
    patch: Partial<Omit<CredentialInput, 'type'>>,
  ): Promise<CredentialView>
  /** Throws Problem: CREDENTIAL_UNKNOWN, CREDENTIAL_IN_USE. */
  remove(actor: Actor, id: string): Promise<void>
  find(nameOrId: string): Promise<CredentialBrief | undefined>
  /** id → name. */
  names(): Promise<ReadonlyMap<string, string>>
  /** Rejects with Problem CREDENTIAL_UNKNOWN {credential}, SEAL_BROKEN. */
  login(id: string): Promise<LoginSecret>
}

const NAMED_HOSTS = 10

export const credentialService = (
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'sealer' | 'activity'>,
): CredentialService => {
  const { db, clock, sealer, activity } = services
  const seal = (id: string, secret: SealedSecret) =>
    sealer.seal(new TextEncoder().encode(JSON.stringify(secret)), sealContext(id))
  const unseal = (row: table.CredentialRow) =>
    JSON.parse(
      new TextDecoder().decode(sealer.open(row.sealed, sealContext(row.id))),
    ) as SealedSecret

  const rowOf = async (id: string, from = db): Promise<table.CredentialRow> => {
    const row = await table.readById(from, id)
    if (!row) throw new Problem('CREDENTIAL_UNKNOWN', { credential: id })
    return row
  }
  const viewById = async (id: string): Promise<CredentialView> =>
    viewOf(await rowOf(id), await table.countHosts(db))
  const checkName = async (name: string, from = db): Promise<void> => {
    if (await table.readByName(from, name))
      throw new Problem('CREDENTIAL_EXISTS', { credential: name })
  }

  const changed = (
    row: table.CredentialRow,
    to: { readonly name: string; readonly user?: string },
    prepared: PreparedSecret | undefined,
  ): table.CredentialRow => {
    const login = to.user ?? row.login
    return {
      ...row,
      name: to.name,
      login,
      ...(prepared && {
        sealed: seal(row.id, prepared.secret),
        public_key: prepared.publicKey,
      }),
      // Open connections stay with who opened them: a new name alone must not close them.
      version: prepared || login !== row.login ? row.version + 1 : row.version,
      updated_at: clock.now(),
    }
  }

  return {
    list: async () => {
      const hosts = await table.countHosts(db)
      return (await table.readAll(db)).map((row) => viewOf(row, hosts))
    },
    add: async (actor, input) => {
      await checkName(input.name)
      const prepared = await prepareSecret(input.type, input)
      if (!prepared) throw missing(input.type === 'password' ? 'password' : 'key')
      const id = services.newId()
      const now = clock.now()
      await table.insert(db, {
        id,
        name: input.name,
        type: input.type,
        login: input.user,
        sealed: seal(id, prepared.secret),
        public_key: prepared.publicKey,
        version: 1,
        created_at: now,
        updated_at: now,
      })
      const view = await viewById(id)
      await activity.record(actor, { what: 'credentials.add', subject: view.name, after: view })
      return view
    },
    change: async (actor, id, patch) => {
      const type = (await rowOf(id)).type as CredentialView['type']
      const prepared = await prepareSecret(type, patch)
      const replaced = prepared !== undefined && type !== 'agent'
      // Two changes at once must not share a version, or a connection of one would serve the other.
      const before = await db.transaction().execute(async (trx) => {
        const row = await rowOf(id, trx)
        const name = patch.name ?? row.name
        if (name !== row.name) await checkName(name, trx)
        await table.update(trx, changed(row, { ...patch, name }, replaced ? prepared : undefined))
        return row
      })
      const view = await viewById(id)
      await activity.record(actor, {
        what: 'credentials.change',
        subject: view.name,
        before: viewOf(before, new Map([[id, view.hosts]])),
        after: { ...view, replaced },
      })
      return view
    },
    remove: async (actor, id) => {
      const view = await viewById(id)
      if (view.hosts > 0) {
        const names = await table.hostNames(db, id, NAMED_HOSTS)
        const hosts = names.join(', ') + (view.hosts > names.length ? ' …' : '')
        throw new Problem('CREDENTIAL_IN_USE', { credential: view.name, count: view.hosts, hosts })
      }
      await table.remove(db, id)
      await activity.record(actor, { what: 'credentials.remove', subject: view.name, before: view })
    },
    find: async (nameOrId) => {
      const row = (await table.readById(db, nameOrId)) ?? (await table.readByName(db, nameOrId))
      return (
        row && {
          id: row.id,
          name: row.name,
          user: row.login,
          type: row.type as CredentialView['type'],
          publicKey: row.public_key,
        }
      )
    },
    names: async () => new Map((await table.readNames(db)).map(({ id, name }) => [id, name])),
    login: async (id) => {
      const row = await rowOf(id)
      const { privateKey, password } = unseal(row)
      return {
        id,
        version: row.version,
        user: row.login,
        kind: row.type as LoginSecret['kind'],
        ...(privateKey === undefined ? {} : { privateKey: new Secret(privateKey) }),
        ...(password === undefined ? {} : { password: new Secret(password) }),
      }
    },
  }
}

const viewOf = (row: table.CredentialRow, hosts: ReadonlyMap<string, number>): CredentialView => ({
  id: row.id,
  name: row.name,
  type: row.type as CredentialView['type'],
  user: row.login,
  fingerprint: row.public_key === null ? null : fingerprintOf(row.public_key.split(' ')[1] ?? ''),
  publicKey: row.public_key,
  hosts: hosts.get(row.id) ?? 0,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})
