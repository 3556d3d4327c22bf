// The NATS engine, loaded when somebody asks for it: `om up` starts without a NATS client.

import type { Engine } from '../ports.ts'
import type { NatsOptions } from './nats-options.ts'

export type { AccountReach, NatsOptions, NatsTls } from './nats-options.ts'

/** See nats-engine.ts. */
export const connectNatsEngine = async (options: NatsOptions): Promise<Engine> => {
  const { connectNatsEngine: connect } = await import('./nats-engine.ts')
  return connect(options)
}
