// The hand-off between the server and the controllers: all that either knows of what carries work between them.
// Two adapters, one conformance suite. Handlers never renew leases; the Bus never carries a fact.

import type { HostEnded, HostStarted, Json, Slice, SliceClaimed, SliceEvent } from '@omserver/core'

/** `[a-z0-9-]{1,63}`: the unit of routing, isolation and redundancy. */
export type Idc = string
export type Stop = () => Promise<void>

export interface Delivery {
  readonly slice: Slice
  /**
   * Aborted when the lease is gone: another controller may have taken over. With the reason `STORE_LOST` nobody has,
   * and nobody can any more: the lease was good until the store was lost, and all of the queue with it.
   */
  readonly lost: AbortSignal
  /**
   * undefined: nothing speaks against beginning more. Else the lease may end any moment; resolves when it is good again,
   * or lost. What is begun under a lease that ends is lost with it.
   */
  sure(): Promise<void> | undefined
  /** Removes the slice from the queue; only after its last host.ended is durable. */
  done(): Promise<void>
  /** Hands the slice back (drain). */
  release(delayMs?: number): Promise<void>
}

/** At-least-once delivery of slices, known by sliceId. */
export interface WorkQueue {
  /** Resolves when durable. Offering a slice that is still queued is a no-op, with no time window. */
  offer(idc: Idc, slices: readonly Slice[]): Promise<void>
  /**
   * `slots()` is how many more slices the consumer takes now. A delivery that `on` returns from without `done` or
   * `release`, or rejects, is handed back. Stop takes no more; what was delivered stays with its handler.
   */
  consume(
    idc: Idc,
    options: { readonly slots: () => number },
    on: (delivery: Delivery) => Promise<void>,
  ): Promise<Stop>
  /** Removes what nobody has taken yet; returns the ids that were removed. */
  withdraw(idc: Idc, sliceIds: readonly string[]): Promise<readonly string[]>
  depth(idc: Idc): Promise<{ readonly waiting: number; readonly leased: number }>
}

export interface LogEntry {
  /** Strictly increasing within an IDC; the order everybody agrees on. */
  readonly seq: number
  readonly event: SliceEvent
}

/** What a takeover asks of an event, and no more: histories stay when the events themselves have been stored. */
export type HistoryEvent =
  | Pick<SliceClaimed, 'kind' | 'sliceId' | 'fence' | 'by'>
  | Pick<HostStarted | HostEnded, 'kind' | 'sliceId' | 'fence' | 'hostId'>

export interface HistoryEntry {
  readonly seq: number
  readonly event: HistoryEvent
}

export type ClaimResult =
  | { readonly ok: true; readonly fence: number }
  | { readonly ok: false; readonly heldBy: string; readonly fence: number }

export interface LogInfo {
  readonly first: number
  readonly last: number
  /** Changes when the log was lost or rebuilt. */
  readonly epoch: string
}

/** Facts of execution until the server has stored them. */
export interface EventLog {
  /**
   * What makes an event durable. `reader`: it lives until it has been read, and not beyond the process; what was
   * appended is what the reader has stored. `store`: it outlives both, and may have been appended without having
   * been read yet.
   */
  readonly keptBy: 'reader' | 'store'
  /**
   * Resolves when durable. In the embedded adapter that is: when the reader has returned from the batch, i.e.
   * committed it. Rejects if it cannot become durable (closed, disk full): then nothing that acts may be sent.
   */
  append(idc: Idc, events: readonly SliceEvent[]): Promise<void>
  /** Compare-and-set on the slice's claim; `previous` is 0 for "never claimed". The fence is its seq. */
  claim(
    idc: Idc,
    claim: {
      readonly sliceId: string
      readonly runId: string
      readonly by: string
      readonly at: number
    },
    previous: number,
  ): Promise<ClaimResult>
  /** Claims of a slice, starts and ends of its hosts, in order: read at takeover. */
  history(idc: Idc, sliceId: string): Promise<readonly HistoryEntry[]>
  /**
   * Gap-free and in order after a cursor that the caller stores in the transaction with what it derives. When `on`
   * rejects, the same entries come again later. What every reader has returned from may be gone for a new one.
   * `onLost`: the log is another one now, with another epoch. Nothing more comes; ask `info`, and read anew.
   */
  read(
    idc: Idc,
    after: number,
    on: (entries: readonly LogEntry[]) => Promise<void>,
    onLost?: () => void,
  ): Promise<Stop>
  info(idc: Idc): Promise<LogInfo>
  /** How much lies after a cursor, in messages as they were appended: what is not stored yet. */
  behind(idc: Idc, cursor: number): Promise<number>
  /** That of `info`, without a look at what lies there. */
  epoch(idc: Idc): Promise<string>
  /** What lies at or below `upTo` and has been read is not needed any more, histories of ended slices included. */
  trim(idc: Idc, upTo: number): Promise<void>
}

/** Latest value per key. `presence` forgets after its time to live, the others are durable. */
export interface Board {
  put(idc: Idc, key: string, value: Json): Promise<void>
  /** False: another value has this key, or had it. */
  putOnce(idc: Idc, key: string, value: Json): Promise<boolean>
  get(idc: Idc, key: string): Promise<Json | undefined>
  remove(idc: Idc, key: string): Promise<void>
  /** A value of another version is an `UnreadableValue`. */
  all(idc: Idc): Promise<ReadonlyMap<string, Json>>
  /** Present values first, then changes; undefined means removed or expired. */
  watch(idc: Idc, on: (key: string, value: Json | undefined) => void): Promise<Stop>
}

export type CallerKind = 'server' | 'controller' | 'client'

/** Who calls. Between machines with accounts its certificate says so, and nobody can call in another's name. */
export interface Caller {
  readonly kind: CallerKind
  /** In which the call is made: of a controller and of a client their own. */
  readonly idc: Idc
  readonly name: string
  /** The version of the protocol that it speaks; at most one apart from ours. */
  readonly protocol: number
}

export interface CallOptions {
  /** Default 10 s, at most a day. */
  readonly timeoutMs?: number
  /** Who shall answer; absent: any one of the IDC. */
  readonly to?: string
  readonly signal?: AbortSignal
  /**
   * Takes what the service emits before it answers: in order, one at a time. While it has not resolved, the service
   * waits. When it rejects, the call is cancelled and rejects with the same.
   */
  readonly onItem?: (item: Json) => void | Promise<void>
}

/** A call that is being answered. */
export interface Call {
  readonly caller: Caller
  /** Aborted when nobody waits for the answer any more: cancelled, too late, closed, or the caller is gone. */
  readonly signal: AbortSignal
  /** Does the caller take items? */
  readonly takesItems: boolean
  /**
   * Resolves when the item is on its way, which is when the caller has room for it. Rejects when the call is over,
   * and with ITEMS_UNWANTED.
   */
  emit(item: Json): Promise<void>
}

export interface Service {
  /** The name under which it is called; where there are accounts, that of the certificate. */
  readonly self: string
  /** Who may call; nobody else is let in. */
  readonly callers: readonly CallerKind[]
  /** Asked besides, before the argument is read. */
  readonly may?: (caller: Caller) => boolean | Promise<boolean>
}

export type Handler = (argument: Json, call: Call) => Promise<Json>

/** What went wrong while a call was answered, and is not told to the caller. */
export interface CallFailure {
  readonly idc: Idc
  readonly method: string
  readonly caller: Caller
  /** The caller was told this. */
  readonly call: string
  readonly error: unknown
}

/** At most once, low latency. Arguments, answers and items have at most 256 KiB. */
export interface Bus {
  emit(idc: Idc, topic: string, data: Json): void
  on(idc: Idc, topic: string, listener: (data: Json) => void): Promise<Stop>
  /**
   * Rejects with a RemoteProblem for what the other side said, and with a Problem for what this side found: BUS_NOBODY,
   * METHOD_UNKNOWN, BUS_TIMEOUT, BUS_CANCELLED, BUS_GONE, NOT_ALLOWED, FRAME_…, ENGINE_CLOSED.
   */
  call(idc: Idc, method: string, argument: Json, options?: CallOptions): Promise<Json>
  serve(idc: Idc, method: string, service: Service, handler: Handler): Promise<Stop>
}

/** Where the bytes of a large payload are kept, and can be read as often as needed. */
export interface BlobSource {
  /** SHA-256 of all of it, hex. */
  readonly hash: string
  /** Bytes. */
  readonly size: number
  /** From this byte on, in pieces of any length. Rejects where it cannot be read. */
  read(from: number): AsyncIterable<Uint8Array>
}

/** Large payloads by the SHA-256 of their bytes, hex. Only `put` and `get` hold one in memory. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<string>
  get(hash: string): Promise<Uint8Array | undefined>
  /**
   * Resolves when `get` and `open` find it, which they do until `remove`. What is there is not copied again; a store of
   * this process copies nothing and reads from the source. Throws Problem BLOBS_FULL, and BLOB_DAMAGED for a source
   * that is not what it says: then nothing is there.
   */
  provide(source: BlobSource): Promise<void>
  /**
   * Its bytes from this one on, in pieces of at most half a megabyte. They come as they are read: whoever needs to know
   * that they are whole compares the hash. Rejects with Problem BLOB_DAMAGED where some are missing.
   */
  open(hash: string, from?: number): Promise<AsyncIterable<Uint8Array> | undefined>
  remove(hash: string): Promise<void>
}

export interface EngineHealth {
  readonly ok: boolean
  /** For people. */
  readonly detail: string
  /** The log is read no further, before something that cannot be read: what follows is kept, and not stored. */
  readonly stuck?: boolean
}

export interface Engine {
  readonly kind: 'embedded' | 'nats'
  readonly queue: WorkQueue
  readonly log: EventLog
  readonly intent: Board
  readonly presence: Board
  /** Pieces of the book of an IDC, written by the server: see direct/open-book.ts. */
  readonly books: Board
  /** What clients have begun in an IDC, written by its controllers, kept for a month: see direct/letter.ts. */
  readonly begun: Board
  readonly bus: Bus
  readonly blobs: Blobs
  /** Creates or upgrades what an IDC needs; idempotent. */
  ensure(idc: Idc): Promise<void>
  /** The IDCs known now, then each new one: what a controller that serves all of them listens to. */
  watchIdcs(on: (idc: Idc) => void): Promise<Stop>
  health(idc: Idc): Promise<EngineHealth>
  close(): Promise<void>
}

/** What the server writes on the intent board for a run, under the key `run:<runId>`. */
export interface RunIntent {
  /** stop: start no further host. abort: end those in flight as well. */
  readonly want: 'stop' | 'abort'
  readonly reason: 'threshold' | 'byPerson' | 'runTimeout'
}

/** What the server writes on the intent board for a controller, under the key `controller:<name>`. */
export interface ControllerIntent {
  /** drain: take and start nothing more. leave: end what is in flight, too. */
  readonly want: 'drain' | 'leave'
}

/** A signature as it stands in JSON; see signing/. */
export interface SignedJson {
  /** DER, base64. */
  readonly certificate: string
  readonly at: number
  /** Base64. */
  readonly signature: string
}

/** What was not taken for the word of who should have written it. */
export interface Refused {
  /** What kind of thing, such as `slice`, and which of its kind. */
  readonly what: string
  readonly idc: Idc
  readonly key: string
  readonly why: string
}

/** What a controller writes on the presence board of each IDC it serves, under the key `controller:<name>`. */
export interface ControllerPresence {
  readonly name: string
  /** Wall clock of the controller, ms; for people. */
  readonly at: number
  readonly startedAt: number
  readonly version: string
  readonly host: string
  readonly drivers: readonly string[]
  /** Held in this IDC. */
  readonly slices: number
  /** Hosts in flight, of all IDCs together. */
  readonly inFlight: number
  /** One-minute load average, per processor. */
  readonly load: number
  readonly draining: boolean
  /** Base64; absent where nothing is sealed. */
  readonly sealKey?: string
  /** Its certificate, and that it is its own: see signing/hello.ts. Absent where there are no certificates. */
  readonly hello?: SignedJson
  /** How often since its start something was left aside that no server had signed, and what it was the last time. */
  readonly refused?: Refused & { readonly count: number; readonly at: number }
}
