// What runs need of other slices, and no more: any part that fits may stand there, in tests too.

import type { Settings, Trouble } from '@omserver/api'
import type {
  DriverEndpoint,
  DriverName,
  Host,
  HostKeySeen,
  LeafAction,
  LeafKind,
  LoginSecret,
  TargetHost,
} from '@omserver/core'
import type { BlobSource } from '@omserver/engine'
import type { Actor } from '../actor.ts'
import type { BegunRun } from '../direct/index.ts'
import type { ModuleCatalogue } from '../modules/index.ts'
import type { Accounts } from '../users/index.ts'

export interface RunHosts {
  all(): Promise<readonly Host[]>
  byId(id: string): Promise<Host | undefined>
  /** Saved groups: name → selector. */
  groups(): Promise<ReadonlyMap<string, string>>
  /** Throws Problem SELECTOR_SYNTAX, GROUP_UNKNOWN. */
  select(
    selector: string,
  ): Promise<{ readonly hosts: readonly Host[]; readonly unknown: readonly string[] }>
  /** In the order of `hosts`. */
  targetsOf(
    hosts: readonly Host[],
    options: { readonly credentialId?: string },
  ): Promise<readonly TargetHost[]>
  keySeen(event: HostKeySeen): Promise<void>
}

export interface RunCredentials {
  find(nameOrId: string): Promise<{ readonly id: string; readonly name: string } | undefined>
  login(id: string): Promise<LoginSecret>
}

/** Where drivers that need one reach their hosts through: see `DriverEndpoint`. */
export interface RunEndpoints {
  /** The id for each of the hosts, in their order; undefined: its driver needs none. Throws Problem ENDPOINT_MISSING. */
  of(
    hosts: readonly { readonly host: Host; readonly driver: DriverName }[],
  ): Promise<readonly (string | undefined)[]>
  /** Rejects with Problem ENDPOINT_UNKNOWN. */
  open(id: string): Promise<DriverEndpoint>
}

/** What leaves of one kind only name when a module yields them: a project, a file of the library. */
export interface RunSource<K extends LeafKind> {
  readonly kind: K
  /** As it is now; the leaf as it is, when it names nothing. Throws Problem. */
  resolve(
    actor: Actor,
    leaf: Extract<LeafAction, { readonly kind: K }>,
  ): Promise<Extract<LeafAction, { readonly kind: K }>>
  /**
   * What a resolved leaf refers to is where controllers find it, also after a restart. Throws Problem where it is gone
   * for good. Absent: there is nothing to be found.
   */
  provide?(leaf: Extract<LeafAction, { readonly kind: K }>): Promise<void>
}

/** Of one kind, whichever. */
type AnySource = { readonly [K in LeafKind]: RunSource<K> }[LeafKind]
/** Content that copies refer to by its hash. */
export interface RunContents {
  source(hash: string): Promise<BlobSource | undefined>
}

export interface RunParts {
  readonly hosts: RunHosts
  readonly credentials: RunCredentials
  /** Absent: no driver needs any. */
  readonly endpoints?: RunEndpoints
  /** Absent: leaves have all they need. */
  readonly sources?: readonly AnySource[]
  /** Absent: copies carry their content. */
  readonly contents?: RunContents
  readonly modules: Pick<ModuleCatalogue, 'find' | 'evaluate'> &
    Partial<Pick<ModuleCatalogue, 'hosted'>>
  readonly settings: { read(): Promise<Settings> }
  /** Absent: nobody begins runs without the server. */
  readonly direct?: {
    begunRun(idc: string, runId: string): Promise<BegunRun | undefined>
    abortOf(idc: string, runId: string): Promise<string | undefined>
  }
  /** Whose rights a client has. */
  readonly accounts?: Pick<Accounts, 'byId' | 'actorOf'>
  /** Absent: every controller is believed. */
  readonly controllers?: {
    isRevoked(name: string): boolean
    /** Names of those that may take what is offered in the IDC. */
    enrolledIn(idc: string): Promise<readonly string[]>
    whyWaiting(idc: string): Promise<Trouble | undefined>
  }
}
