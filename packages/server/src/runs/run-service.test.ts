// Runs from launch to end, on real SQLite and the real embedded engine; only the controller is a fake.

import { expect, test } from 'vitest'
import { startFakeController } from './testing/fake-controller.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { startRunServer } from './testing/run-server.ts'

test('a run goes from launch to its end, and every host has answered', async () => {
  const fleet = fakeFleet(['a-1', 'a-2', 'b-1'].map((name) => fakeHost(name, name[0])))
  await using server = await startRunServer(fleet)
  await startFakeController(server.engine, ['a', 'b'], (host) => ({
    output: [['stdout', `hello from ${host.name}\n`]],
    answer: 'f00',
  }))
  const run = await server.launch({ module: 'echo', selector: '*' })
  expect(run).toMatchObject({ state: 'queued', total: 3, counts: { queued: 3 } })
  const ended = await server.ended(run.id)
  expect(ended).toMatchObject({ state: 'succeeded', counts: { ok: 3, queued: 0, running: 0 } })
})
