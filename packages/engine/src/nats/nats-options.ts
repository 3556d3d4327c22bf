// What the NATS engine is told: where nats-server is, who connects, and what it may assume.

import type { After } from '../after.ts'
import type { CallerKind, CallFailure, Idc, Refused } from '../ports.ts'
import type { Sealing } from '../sealing/sealing.ts'
import type { Signing } from '../signing/signing.ts'
import type { Lease } from './leases.ts'

export interface NatsTls {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

/** How the account of an IDC is reached. */
export interface AccountReach {
  readonly tls: NatsTls
  /** The IDC has a nats-server of its own, a leaf node: its streams lie there, in this JetStream domain. */
  readonly domain?: string
}

export interface NatsOptions {
  /** `nats://host:4222`, one or several of one cluster. */
  readonly servers: string | readonly string[]
  /** Who connects: its name on the server, and the prefix of inboxes that nobody else may read. */
  readonly identity: string
  /**
   * server (default): makes the streams, and makes them again when the store was lost.
   * controller, client: wait until they are there. It is also what those who are called know the caller by.
   */
  readonly role?: CallerKind
  readonly tls?: NatsTls
  /** JetStream domain of the streams; absent: the one of the nats-server that we connect to. */
  readonly domain?: string
  /**
   * Each IDC has an account of its own; absent: all of them share the one of this connection. Of the role server: it
   * connects to every account with what `reach` gives, when the IDC is first needed. `tls` is then for the account
   * that holds the blobs and the list of IDCs. What `reach` rejects with, the call that needed it rejects with.
   */
  readonly accounts?: { readonly reach: (idc: Idc) => Promise<AccountReach> }
  /** The content of a `.creds` file. */
  readonly credentials?: Uint8Array
  /** What makes messages unreadable on the way; default none. */
  readonly sealing?: Sealing
  /**
   * Who wrote intents and signals is proven: a server signs them, and everybody asks. Absent: where there are no
   * certificates, whoever may write is believed. Slices are signed by their sealing.
   */
  readonly signing?: Signing
  /** Told once of each thing that was left aside because it was not proven. */
  readonly onRefused?: (refused: Refused) => void
  /** Of all streams and subjects; default `om`. */
  readonly prefix?: string
  /** How long the first connection is tried for; default 30 s. */
  readonly connectWithinMs?: number
  /**
   * Asked before each attempt to put a slice into the queue, or to take one out. What it rejects with, the call rejects
   * with. Of several servers, one that was frozen must not offer what another has had carried out meanwhile.
   */
  readonly mayChangeQueue?: () => Promise<void>
  /** A controller that says nothing for this long has lost its slices; default 30 s. Of the role server. */
  readonly leaseMs?: number
  /** A value on the presence board lives this long; default 9 s. The same for all. */
  readonly presenceTtlMs?: number
  /** Default 1 GiB. Of the role server. */
  readonly blobsMaxBytes?: number
  /** Told what went wrong in a handler of calls: for the log. */
  readonly onCallFailure?: (failure: CallFailure) => void
  /** Each side of a call says this often that it is there; default 5 s. The same for all. */
  readonly beatMs?: number
  /** The version of the protocol of calls to speak; for tests of one version with another. */
  readonly protocol?: number
  /** Told once of everything that stands in the way and does not pass by itself, for a log. */
  readonly onTrouble?: (idc: Idc, what: string) => void
  readonly after?: After
  readonly monotonic?: () => number
  readonly newId?: () => string
  /** Told of every lease as it is given; for tests of what happens when one runs out. */
  readonly onLease?: (lease: Lease) => void
}
