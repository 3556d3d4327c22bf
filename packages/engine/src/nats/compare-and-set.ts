// Stores a message only if the last one of its subject is the expected one.

import type { JetStreamClient, JetStreamPublishOptions } from '@nats-io/jetstream'
import { isWrongLast } from './answers.ts'

/**
 * The sequence it was stored under; undefined: another message is the last of its subject.
 * @param expected its sequence; 0 for "there is none"
 */
export const publishAfter = async (
  js: JetStreamClient,
  expected: number,
  message: { readonly subject: string; readonly data: Uint8Array },
  options: Omit<Partial<JetStreamPublishOptions>, 'expect'> = {},
): Promise<number | undefined> => {
  try {
    const ack = await js.publish(message.subject, message.data, {
      ...options,
      expect: { lastSubjectSequence: expected },
    })
    return ack.seq
  } catch (error) {
    if (isWrongLast(error)) return undefined
    throw error
  }
}
