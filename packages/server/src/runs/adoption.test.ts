// Runs that a client began in an IDC, as the server hears of them: sooner or later than of what came of them.

import { cutDirect, type DirectSubmission, parseSubmission } from '@omserver/core'
import { expect, test } from 'vitest'
import type { BegunRun } from '../direct/index.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { type RunServer, startRunServer } from './testing/run-server.ts'

const RUN = '0199a1b2-0000-7000-8000-000000000001'
const IDC = 'sz'

const submissionOf = (names: readonly string[]): DirectSubmission =>
  parseSubmission({
    runId: RUN,
    idc: IDC,
    client: 'wei',
    at: 1_700_000_000_000,
    book: 1,
    epoch: 'e',
    module: 'echo',
    params: { text: 'hello' },
    selector: '*',
    check: false,
    action: { kind: 'shell', command: ['echo hello'] },
    strategy: { concurrency: 10, hostTimeoutMs: 1_000, retries: 0 },
    hosts: names.map((name) => ({ hostId: name, name, driver: 'sim' })),
  })

interface Setting {
  /** As the letter says it. */
  readonly begun?: BegunRun
  readonly abortedBy?: string
}

const open = async (setting: Setting) => {
  const fleet = fakeFleet(['h-0', 'h-1', 'h-2'].map((name) => fakeHost(name, IDC)))
  let read = 0
  const server = await startRunServer({
    ...fleet,
    direct: {
      async begunRun(_, runId) {
        read++
        return runId === RUN ? setting.begun : undefined
      },
      abortOf: async () => setting.abortedBy,
    },
    accounts: {
      byId: async (id) => ({ ...account, id }),
      actorOf: async (of, via, from) => ({
        ...server.admin,
        id: of.id,
        name: of.name,
        role: 'operator',
        grants: [{ id: 'g', modules: ['echo'], selector: '*' }],
        via,
        from,
      }),
    },
  })
  return { server, read: () => read }
}

const account = {
  name: 'wei',
  displayName: '',
  role: 'operator',
  passwordHash: '',
  mustChangePassword: false,
  passwordIs: 'own',
  passwordSetAt: 0,
  disabled: false,
} as const

const begunBy = (names: readonly string[], userId: string | undefined = 'u-wei'): BegunRun => ({
  submission: submissionOf(names),
  certificate: 'ab'.repeat(32),
  userId,
})

/** What a controller of the IDC says, as the log has it. */
const carryOut = async ({ engine }: RunServer, names: readonly string[]): Promise<void> => {
  const sliceId = cutDirect(submissionOf(names))[0]?.sliceId ?? ''
  const claimed = await engine.log.claim(IDC, { sliceId, runId: RUN, by: 'c1', at: 1 }, 0)
  if (!claimed.ok) throw new Error('claimed by somebody else')
  let n = 0
  for (const hostId of names) {
    const of = { runId: RUN, sliceId, fence: claimed.fence, by: 'c1', at: 2, hostId, attempt: 1 }
    await engine.log.append(IDC, [{ kind: 'host.started', ...of, n: ++n }])
    await engine.log.append(IDC, [
      { kind: 'host.output', ...of, n: ++n, stream: 'stdout', offset: 0, bytes: Buffer.from('hi') },
      {
        kind: 'host.ended',
        ...of,
        n: ++n,
        end: { state: 'ok', exit: 0 },
        durationMs: 5,
        answer: 'a',
        outputBytes: 2,
        truncated: false,
      },
    ])
  }
}

const activityOf = ({ services }: RunServer) =>
  services.db.selectFrom('activity').select(['what', 'actor_name', 'via', 'from_address']).execute()

test('a run that was begun in its IDC is a run like any other, with who, where and when', async () => {
  const names = ['h-0', 'h-1', 'h-2']
  const { server } = await open({ begun: begunBy(names) })
  await using _ = server
  await server.runs.begunIn(IDC, RUN)
  await server.runs.begunIn(IDC, RUN)
  expect(await server.runs.show(server.admin, RUN)).toMatchObject({
    state: 'queued',
    startedBy: 'wei',
    begun: { idc: IDC, client: 'wei', at: 1_700_000_000_000, objection: null },
  })
  await carryOut(server, names)
  expect(await server.ended(RUN)).toMatchObject({ state: 'succeeded', counts: { ok: 3 }, total: 3 })
  const log = (await activityOf(server)).filter(({ what }) => what === 'runs.begunInIdc')
  expect(log).toEqual([
    { what: 'runs.begunInIdc', actor_name: 'wei', via: 'direct:wei', from_address: IDC },
  ])
})

test('what came of it counts also when it is heard of first', async () => {
  const { server } = await open({ begun: begunBy(['h-0', 'h-1']) })
  await using _ = server
  await server.runs.listen(IDC)
  await carryOut(server, ['h-0', 'h-1'])
  expect(await server.ended(RUN)).toMatchObject({ state: 'succeeded', counts: { ok: 2 } })
  const { items } = await server.results(RUN)
  expect(items.map(({ outputBytes }) => outputBytes)).toEqual([2, 2])
})

test('a restart takes it up again, and offers nothing of its own in its place', async () => {
  const { server: before } = await open({ begun: begunBy(['h-0', 'h-1']) })
  await before.runs.begunIn(IDC, RUN)
  await using server = await before.crash()
  expect(await server.runs.show(server.admin, RUN)).toMatchObject({ begun: { client: 'wei' } })
})

test('what the server would not allow is recorded all the same, and says so', async () => {
  const denied = await open({ begun: { ...begunBy(['h-0']), userId: undefined } })
  await using one = denied.server
  await one.runs.begunIn(IDC, RUN)
  expect(await one.runs.show(one.admin, RUN)).toMatchObject({
    startedBy: 'wei',
    begun: { objection: { en: expect.stringContaining('may not begin runs') } },
  })
  const begun = begunBy(['h-0', 'gone'])
  const other = { ...begun, submission: { ...begun.submission, module: 'other' } }
  const { server } = await open({ begun: other })
  await using two = server
  await two.runs.begunIn(IDC, RUN)
  expect(await two.runs.show(two.admin, RUN)).toMatchObject({
    total: 2,
    begun: { objection: { en: expect.stringContaining('No grant lets you run other') } },
  })
})

test('what no client has proven to have begun is no run, and is looked at once', async () => {
  const { server, read } = await open({})
  await using _ = server
  await server.runs.listen(IDC)
  await carryOut(server, ['h-0'])
  await expect(server.runs.show(server.admin, RUN)).rejects.toThrow('RUN_UNKNOWN')
  expect(read()).toBe(1)
})

test('who began it has it ended, and hosts that nobody has taken end at the server', async () => {
  const { server } = await open({ begun: begunBy(['h-0', 'h-1']), abortedBy: 'wei' })
  await using _ = server
  await server.runs.begunIn(IDC, RUN)
  await server.runs.abortedIn(IDC, RUN)
  expect(await server.ended(RUN)).toMatchObject({ state: 'aborted', counts: { aborted: 2 } })
})
