// What a controller of another version reports: what is new in it is left out, and holds up nothing.

import type { SliceEvent } from '@omserver/core'
import { expect, test } from 'vitest'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { rawController } from './testing/raw-controller.ts'
import { startRunServer } from './testing/run-server.ts'

test('unknown kinds of events and unknown fields of known ones stop neither the reading nor the run', async () => {
  await using server = await startRunServer(fakeFleet([fakeHost('h-0'), fakeHost('h-1')]))
  const controller = await rawController(server.engine, ['default'])
  const { id } = await server.launch({ module: 'echo', selector: '*' })
  await server.settled()
  const held = controller.held[0]!
  await controller.claim(held)
  const fence = held.fences[0]!
  const { runId, sliceId, attempt } = held.slice
  const send = (...events: readonly object[]) => {
    const origin = { runId, sliceId, fence, by: 'raw', at: 0 }
    const whole = events.map((event) => ({ ...origin, n: ++held.n, ...event }))
    return server.engine.log.append('default', whole as SliceEvent[])
  }
  const of = { hostId: 'id-h-0', attempt }
  await send({ kind: 'slice.paused', until: 7 }, { kind: 'host.measured', ...of, cpu: 3 })
  await controller.start(held, 'id-h-0')
  await send({ kind: 'host.measured', ...of, cpu: 4 })
  const end = { state: 'ok', exit: 0, energy: { joules: 3 } }
  const facts = { durationMs: 1, outputBytes: 0, truncated: false, weather: 'fine' }
  await send({ kind: 'host.ended', ...of, end, ...facts }, { kind: 'host.measured', ...of })
  await controller.start(held, 'id-h-1')
  await controller.end(held, 'id-h-1', 'ok')
  expect(await server.ended(id)).toMatchObject({ state: 'succeeded', counts: { ok: 2 } })
})
