// What the errors of JetStream mean to us.

import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'

const codeOf = (error: unknown): number => (error instanceof JetStreamApiError ? error.code : 0)

/** A compare-and-set found something else than it expected. */
export const isWrongLast = (error: unknown): boolean =>
  codeOf(error) === JetStreamApiCodes.StreamWrongLastSequence

export const isStreamMissing = (error: unknown): boolean =>
  codeOf(error) === JetStreamApiCodes.StreamNotFound

export const isConsumerMissing = (error: unknown): boolean =>
  codeOf(error) === JetStreamApiCodes.ConsumerNotFound

const SEQUENCE_NOT_FOUND = 10043
const DELETE_FAILED = 10057

/** What was to be deleted is not there: servers say so in three ways. */
export const isDeletedAlready = (error: unknown): boolean => {
  const code = codeOf(error)
  if (code === SEQUENCE_NOT_FOUND || code === JetStreamApiCodes.NoMessageFound) return true
  return (
    code === DELETE_FAILED &&
    error instanceof Error &&
    /no message found|stream store EOF/.test(error.message)
  )
}

/** JSStreamStoreFailed with max_bytes reached, as the server words it. */
export const isStreamFull = (error: unknown): boolean =>
  error instanceof JetStreamApiError && /maximum bytes exceeded/.test(error.message)

/** nats-server does not let us; its configuration may be older than we are. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof errors.PermissionViolationError ||
  (error instanceof Error && error.cause instanceof errors.PermissionViolationError)

/** No stream listens to that subject, or JetStream is off. */
export const isUnheard = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined
  return [error, cause].some(
    (known) => known instanceof errors.RequestError && known.isNoResponders(),
  )
}
