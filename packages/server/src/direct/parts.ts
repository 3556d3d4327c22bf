// What runs begun in an IDC need of other slices, and no more.

import type { Settings } from '@omserver/api'
import type { Grant, Host, LoginSecret, TargetHost } from '@omserver/core'
import type { Signing } from '@omserver/engine'
import type { Account } from '../users/index.ts'

/** A client with a certificate that counts. */
export interface IssuedClient {
  readonly idc: string
  readonly client: string
}

export interface DirectParts {
  readonly hosts: {
    all(): Promise<readonly Host[]>
    rev(): Promise<number>
    groups(): Promise<ReadonlyMap<string, string>>
    targetsOf(hosts: readonly Host[]): Promise<readonly TargetHost[]>
  }
  readonly accounts: {
    byId(id: string): Promise<Account | undefined>
    byName(name: string): Promise<Account | undefined>
    actorOf(
      account: Account,
      via: string,
      from: string,
    ): Promise<{ readonly grants: readonly Grant[] }>
  }
  readonly credentials: {
    list(): Promise<readonly { readonly id: string; readonly updatedAt: number }[]>
    login(id: string): Promise<LoginSecret>
  }
  readonly settings: { read(): Promise<Settings> }
  /** Public keys of the controllers that are enrolled in the IDC. */
  readonly sealKeysOf: (idc: string) => Promise<readonly string[]>
  /** Of this installation: what clients seal to its servers comes from it. */
  readonly masterKey: Uint8Array
  /** Absent: without certificates nobody can prove to be a client. */
  readonly signing: Signing | undefined
  /** Of the register of the CA, where it is at hand. */
  readonly issuedClients?: (() => Promise<readonly IssuedClient[]>) | undefined
  /** How long a book counts, ms. */
  readonly bookMs: number
}
