// Engines on a nats-server that a test can restart, spoil the way to and look into.

import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { onTestFinished } from 'vitest'
import type { NatsServer } from '../../../../../e2e/support/nats-server.ts'
import { missingTools } from '../../../../../scripts/needs.ts'
import type { Engine } from '../../ports.ts'
import { connectNatsEngine } from '../nats-engine.ts'
import type { NatsOptions } from '../nats-options.ts'
import { type LeakyLink, leakyLink } from './leaky-link.ts'

const second = process.env['OM_NATS_SERVER']
export const binaries = ['nats-server', ...(second ? [second] : [])]

export const open = async (
  servers: string,
  options: Partial<NatsOptions> & { readonly prefix: string },
): Promise<Engine> => {
  const engine = await connectNatsEngine({ servers, identity: 'test', leaseMs: 1000, ...options })
  onTestFinished(() => engine.close())
  return engine
}

export const linkTo = async (server: NatsServer): Promise<LeakyLink> => {
  const link = await leakyLink(server.url)
  onTestFinished(() => link.stop())
  return link
}

export const manager = async (server: NatsServer) => {
  const nc = await connect({ servers: server.url })
  onTestFinished(() => nc.close())
  return jetstreamManager(nc)
}

export const restart = async (
  server: NatsServer,
  between: () => Promise<void> = async () => undefined,
) => {
  await server.kill()
  await between()
  await server.start()
}

export const numbersTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1)

export const withoutServer = missingTools(['nats-server']).length > 0
