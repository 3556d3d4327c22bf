// The streams of an IDC and what they are for. Nothing here that nats-server 2.9 would silently ignore.

import {
  AckPolicy,
  type ConsumerConfig,
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { isConsumerMissing, isStreamMissing } from './answers.ts'
import type { Names } from './names.ts'

export interface Times {
  /** A controller that renews no lease for this long has lost its slices. */
  readonly leaseMs: number
  readonly presenceTtlMs: number
}

export type StreamSpec = Partial<StreamConfig> & { readonly name: string }

/** Messages of the same id within this time are one. */
export const DUPLICATE_WINDOW_MS = 120_000

export const WORK_CONSUMER = 'controllers'

const latest = (name: string, subject: string, ttlMs = 0): StreamSpec => ({
  name,
  subjects: [`${subject}.*`],
  storage: StorageType.File,
  max_msgs_per_subject: 1,
  max_age: nanos(ttlMs),
  // A window longer than the age of a message is refused.
  duplicate_window: nanos(ttlMs === 0 ? DUPLICATE_WINDOW_MS : Math.min(ttlMs, DUPLICATE_WINDOW_MS)),
})

export const idcsStream = (names: Names): StreamSpec => latest(names.idcsStream, names.idcs)

export const blobsStream = (names: Names, maxBytes: number): StreamSpec => ({
  name: names.blobsStream,
  subjects: [`${names.blobs}.*.*`],
  storage: StorageType.File,
  max_msgs_per_subject: 1,
  max_bytes: maxBytes,
  discard: DiscardPolicy.New,
  allow_direct: true,
})

/** Longer than a book counts, and than anybody may bring a submission back. */
const DIRECT_MS = 31 * 24 * 60 * 60 * 1000

/** Not waited for: a controller carries out the runs of the server without it. */
export const directStream = (names: Names, idc: string): StreamSpec => ({
  ...latest(names.directStream(idc), names.books(idc), DIRECT_MS),
  subjects: [`${names.books(idc)}.*`, `${names.begun(idc)}.*`],
})

export const boardStreams = (names: Names, times: Times, idc: string): readonly StreamSpec[] => [
  latest(names.intentStream(idc), names.intent(idc)),
  latest(names.presenceStream(idc), names.presence(idc), times.presenceTtlMs),
  // A lease that nobody renews is gone by itself.
  latest(names.leaseStream(idc), names.lease(idc), times.leaseMs),
]

/** Longer than an outage: marks grow old meanwhile, and what they are for comes back at its end. */
const DONE_MS = 7 * 24 * 60 * 60 * 1000

/** Not waited for: a server one version before ours does not make it. */
export const doneStream = (names: Names, idc: string): StreamSpec =>
  latest(names.doneStream(idc), names.done(idc), DONE_MS)

/** One message a slice: what is queued already is refused, for as long as it is queued. */
export const workStream = (names: Names, idc: string): StreamSpec => ({
  name: names.workStream(idc),
  subjects: [`${names.work(idc)}.*`],
  storage: StorageType.File,
  retention: RetentionPolicy.Workqueue,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  discard_new_per_subject: true,
})

export const workConsumer = (times: Times): Partial<ConsumerConfig> => ({
  durable_name: WORK_CONSUMER,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(times.leaseMs),
  // A slice that was delivered often is no less due.
  max_deliver: -1,
  max_ack_pending: 20_000,
})

export const logStream = (names: Names, idc: string, epoch: string): StreamSpec => ({
  name: names.logStream(idc),
  subjects: [`${names.log(idc, epoch)}.>`],
  storage: StorageType.File,
  duplicate_window: nanos(DUPLICATE_WINDOW_MS),
})

const differs = (is: object, wanted: object): boolean => {
  const present = new Map<string, unknown>(Object.entries(is))
  return Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(present.get(key)) !== JSON.stringify(value),
  )
}

/** Makes the stream, or brings its settings up to date; `kept` are settings that stay as they are. */
export const makeStream = async (
  jsm: JetStreamManager,
  spec: StreamSpec,
  kept: readonly (keyof StreamConfig)[] = [],
): Promise<StreamConfig> => {
  try {
    const { config } = await jsm.streams.info(spec.name)
    const wanted = Object.fromEntries(
      Object.entries(spec).filter(([key]) => !kept.some((name) => name === key)),
    )
    if (!differs(config, wanted)) return config
    return (await jsm.streams.update(spec.name, wanted)).config
  } catch (error) {
    if (!isStreamMissing(error)) throw error
    return (await jsm.streams.add(spec)).config
  }
}

export const makeConsumer = async (
  jsm: JetStreamManager,
  stream: string,
  spec: Partial<ConsumerConfig>,
): Promise<void> => {
  try {
    const { config } = await jsm.consumers.info(stream, WORK_CONSUMER)
    if (differs(config, spec)) await jsm.consumers.update(stream, WORK_CONSUMER, spec)
  } catch (error) {
    if (!isConsumerMissing(error)) throw error
    await jsm.consumers.add(stream, spec)
  }
}
