// Whatever controllers report, in whatever order, as often as they like, and whenever the server dies: every host
// ends exactly once, the counts sum to the total, the run ends once, and no host is started twice in one attempt.

import { type HostEndState, hostEnds, isRunEnd } from '@omserver/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refuseUpdate } from '../testing/refuse-update.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { type Held, type RawController, rawController } from './testing/raw-controller.ts'
import { admin, type RunServer, startRunServer } from './testing/run-server.ts'

const idcs = ['a', 'b']

interface At {
  readonly pick: number
  readonly stale: boolean
}
type Report =
  | (At & { readonly do: 'claim' | 'start' | 'output' | 'done' })
  | (At & { readonly do: 'end'; readonly state: HostEndState })
type Move = Report | { readonly do: 'crash' } | { readonly do: 'abort' }

const pick = fc.nat(1000)
const stale = fc.boolean()
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('claim' as const), pick, stale }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('start' as const), pick, stale }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('output' as const), pick, stale }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      pick,
      stale,
      state: fc.constantFrom(...hostEnds),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('done' as const), pick, stale }) },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'abort' as const }) },
)

const strategy = fc.record({
  concurrency: fc.integer({ min: 1, max: 6 }),
  retries: fc.integer({ min: 0, max: 2 }),
  batches: fc.option(fc.constantFrom('1', '2', '1,50%'), { nil: undefined }),
  maxFailures: fc.option(fc.constantFrom('0', '2', '50%'), { nil: undefined }),
})

/** The database itself refuses what must never happen. */
const guard = async (server: RunServer): Promise<void> => {
  const { db } = server.services
  await refuseUpdate(db, 'ends_once', 'host_results', [
    'old.ended_at is not null and new.state <> old.state',
    changes('ended_at'),
  ])
  await refuseUpdate(db, 'starts_once', 'host_results', [changes('started_at')])
  await refuseUpdate(db, 'run_ends_once', 'runs', [changes('ended_at')])
}

const changes = (column: string): string =>
  `old.${column} is not null and (new.${column} is null or new.${column} <> old.${column})`

const hostOf = (held: Held, at: number): string =>
  held.slice.hosts[at % held.slice.hosts.length]?.hostId ?? ''

const statesOf = async (server: RunServer, runId: string): Promise<readonly string[]> => {
  const { items } = await server.results(runId, { attempts: 'all' })
  return items.map(({ name, attempt, state, endedAt }) => `${name} ${attempt} ${state} ${endedAt}`)
}

/** False: the report stands behind a fence and must change nothing. */
const play = async (controller: RawController, step: Report): Promise<boolean> => {
  const held = controller.held[step.pick % Math.max(1, controller.held.length)]
  if (!held) return false
  const fence = step.stale ? (held.fences.at(-2) ?? 4711) : held.fences.at(-1)
  const hostId = hostOf(held, step.pick >> 3)
  switch (step.do) {
    case 'claim':
      await controller.claim(held)
      return false
    case 'start':
      await controller.start(held, hostId, fence)
      break
    case 'output':
      await controller.output(held, hostId, (step.pick % 3) * 4, 'abcd', fence)
      break
    case 'end':
      await controller.end(held, hostId, step.state, fence)
      break
    case 'done':
      await controller.done(held)
      return false
  }
  return fence !== undefined && fence === held.fences.at(-1)
}

/** Ends whatever is held until the run is over. */
const finish = async (server: RunServer, controller: RawController, runId: string) => {
  for (;;) {
    await server.settled()
    const run = await server.runs.show(admin, runId)
    if (isRunEnd(run.state)) return run
    for (const held of controller.held) {
      await controller.claim(held)
      for (const { hostId } of held.slice.hosts) await controller.end(held, hostId, 'ok')
    }
  }
}

test('every schedule of events, crashes and aborts reconciles', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      strategy,
      fc.array(move, { maxLength: 60 }),
      async (hosts, plan, moves) => {
        const fleet = fakeFleet(
          Array.from({ length: hosts }, (_, n) => fakeHost(`h-${n}`, idcs[n % 2])),
        )
        let server = await startRunServer(fleet)
        try {
          await guard(server)
          let controller = await rawController(server.engine, idcs)
          const { id } = await server.launch({ module: 'echo', selector: '*', strategy: plan })
          for (const step of moves) {
            await server.settled()
            if (step.do === 'crash') {
              server = await server.crash()
              controller = await rawController(server.engine, idcs)
            } else if (step.do === 'abort') {
              await server.runs.abort(admin, id).catch(() => undefined)
            } else {
              const before = await statesOf(server, id)
              const counted = await play(controller, step)
              if (!counted) expect(await statesOf(server, id)).toEqual(before)
            }
          }
          const run = await finish(server, controller, id)
          const { items } = await server.results(id)
          expect(items).toHaveLength(hosts)
          expect(new Set(items.map(({ hostId }) => hostId)).size).toBe(hosts)
          const sum = Object.values(run.counts).reduce((total, count) => total + count, 0)
          expect(sum).toBe(hosts)
          expect(run.counts.queued + run.counts.running).toBe(0)
          for (const state of hostEnds) {
            expect(run.counts[state]).toBe(items.filter((item) => item.state === state).length)
          }
          expect(items.every(({ endedAt }) => endedAt !== null)).toBe(true)
        } finally {
          await server[Symbol.asyncDispose]()
        }
      },
    ),
    { numRuns: 40 },
  )
})
