// A managed machine, and what a controller needs to know to reach it.

export const driverNames = ['local', 'ssh', 'ansible', 'salt', 'func', 'sim'] as const
export type DriverName = (typeof driverNames)[number]

export type Labels = Readonly<Record<string, string>>

/** A host as selectors, batches and modules see it. */
export interface Host {
  readonly id: string
  /** Unique, 1–253 characters, no white space or selector signs. */
  readonly name: string
  /** IPv4, IPv6 or a DNS name; the address OMServer connects to (内网IP). */
  readonly address: string
  /** The address seen from outside (外网IP), for people. */
  readonly outerAddress?: string
  readonly port: number
  readonly driver: DriverName
  readonly labels: Labels
  readonly credentialId?: string
  /** Name of another host to go through. */
  readonly jumpHostId?: string
  /** Encoding of its output when it is not UTF-8, e.g. `gb18030`. */
  readonly encoding?: string
}

/** What a selector looks at. */
export type SelectableHost = Pick<Host, 'name' | 'address' | 'outerAddress' | 'labels' | 'driver'>

/** Pinned at first use; `key` is the base64 blob of the public key. */
export interface HostKey {
  readonly type: string
  readonly key: string
}

/** A way into a host: everything but the secret itself. */
export interface Access {
  readonly address: string
  readonly port: number
  readonly credentialId?: string
  /** undefined: not pinned yet, the first key seen is reported by `hostKeySeen` and pinned. */
  readonly hostKey?: HostKey
}

/** A host frozen into a run: what a slice carries, and nothing that could change under it. */
export interface TargetHost {
  readonly hostId: string
  readonly name: string
  readonly access: Access
  /** Through which it is reached, where its driver needs one: see `DriverEndpoint`. */
  readonly endpointId?: string
  /** It is the machine of the controller itself. */
  readonly isController?: true
  /** Outermost first. */
  readonly jumps: readonly Access[]
  readonly encoding?: string
  /** `host.name`, `host.address`, `host.labels.*`: what `{ var }` parts may use. */
  readonly vars: Readonly<Record<string, string>>
}

export const DEFAULT_IDC = 'default'

/** The data centre that serves a host: its `idc` label. */
export const idcOf = (host: Pick<Host, 'labels'>): string => host.labels['idc'] ?? DEFAULT_IDC
