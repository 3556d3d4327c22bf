// A run that has ended, for tests of what is read afterwards.

import { type Behaviour, startFakeController } from './fake-controller.ts'
import { type FakeModule, fakeFleet, fakeHost } from './fake-fleet.ts'
import type { RunServer } from './run-server.ts'

/** Its id. */
export const ran = async (
  server: RunServer,
  behave: (name: string) => Behaviour,
  selector = '*',
): Promise<string> => {
  await startFakeController(server.engine, ['default'], (host) => behave(host.name))
  const { total } = await server.preview({ module: 'echo', selector })
  const run = await server.launch({ module: 'echo', selector, confirmHosts: total })
  await server.ended(run.id)
  return run.id
}

export const fleetOf = (count: number, modules?: readonly FakeModule[]) =>
  fakeFleet(
    Array.from({ length: count }, (_, n) => fakeHost(`h-${n}`)),
    modules,
  )

/** What a download says. */
export const textOf = async (
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
) => {
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(Buffer.from(chunk))
  return Buffer.concat(parts).toString('utf8')
}
