// What a feed of messages is, whichever way it is read.

import type { MsgHdrs } from '@nats-io/transport-node'

export interface FeedStart {
  readonly stream: string
  /** Which subjects of it. */
  readonly filter: string
  /** Sequence to begin with; absent: the last message of each subject, then what follows. */
  readonly from?: number
  /** Nothing beyond what lies there at the opening is wanted. */
  readonly once?: true
}

interface FeedMessage {
  readonly subject: string
  readonly seq: number
  readonly data: Uint8Array
  readonly headers?: MsgHdrs
}

export type OnMessage = (message: FeedMessage) => void | Promise<void>

export interface Feed {
  /** Resolves when everything that lay there at the opening has been handed over. */
  readonly caughtUp: Promise<void>
  /** Resolves when no more comes: cut off, a message missed, the consumer or its stream gone. */
  readonly ended: Promise<void>
  close(): void
}
