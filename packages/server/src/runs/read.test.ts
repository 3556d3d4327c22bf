// Reading what runs left: results, answers, tables, search, exports, and their removal.

import { runRoutes } from '@omserver/api'
import { Problem, type TableSpec } from '@omserver/core'
import { expect, test } from 'vitest'
import { exportRun } from './export.ts'
import { readTable } from './run-table.ts'
import { searchOutputs } from './search.ts'
import { CHOICES } from './table.ts'
import { fleetOf, ran, textOf } from './testing/ended-run.ts'
import { startFakeController } from './testing/fake-controller.ts'
import { echo, fakeHost } from './testing/fake-fleet.ts'
import { startRunServer } from './testing/run-server.ts'

const never = new AbortController().signal

test('pages of results join without a gap, and filters hold', async () => {
  await using server = await startRunServer(fleetOf(25))
  const id = await ran(server, (name) =>
    name.endsWith('3') ? { end: { state: 'failed', exit: 3, message: 'no such thing' } } : {},
  )
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await server.results(id, { limit: 4, cursor })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  expect(names).toEqual(Array.from({ length: 25 }, (_, n) => `h-${n}`))
  const failed = await server.results(id, { state: 'failed,lost' })
  expect(failed.items.map(({ name }) => name)).toEqual(['h-3', 'h-13', 'h-23'])
  expect((await server.results(id, { text: 'such' })).items).toHaveLength(3)
})

test('history: newest first, page by page, by state, by host', async () => {
  await using server = await startRunServer(fleetOf(2))
  await startFakeController(server.engine, ['default'], (host) =>
    host.name === 'h-1' ? { end: { state: 'failed' } } : {},
  )
  const ids: string[] = []
  for (const selector of ['h-0', 'h-1', 'h-0', '*', 'h-0']) {
    const { id } = await server.launch({ module: 'echo', selector })
    await server.ended(id)
    ids.unshift(id)
  }
  const { reader } = server.runs
  const first = await reader.list(server.admin, {}, { limit: 2 })
  const second = await reader.list(server.admin, {}, { limit: 3, cursor: first.next ?? '' })
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids)
  expect(second.next).toBeNull()
  const failed = await reader.list(server.admin, { states: ['failed'] }, { limit: 10 })
  expect(failed.items.map(({ id }) => id)).toEqual([ids[1], ids[3]])
  const ofHost = await reader.list(server.admin, { hostId: 'id-h-1' }, { limit: 10 })
  expect(ofHost.items.map(({ id }) => id)).toEqual([ids[1], ids[3]])
  expect(ofHost.items.map(({ host }) => [host?.name, host?.state])).toEqual([
    ['h-1', 'failed'],
    ['h-1', 'failed'],
  ])
  const oks = await reader.list(server.admin, { hostId: 'id-h-0' }, { limit: 10 })
  // The second run with both hosts failed as a whole, and yet this host was well.
  expect(oks.items.map(({ state, host }) => [state, host?.state])).toContainEqual(['failed', 'ok'])
  expect(first.items[0]?.host).toBeUndefined()
  expect((await server.runs.show(server.admin, ids[0] ?? '')).usualMs).toBeGreaterThanOrEqual(0)
})

test('what only read choices of a form is no run of the module, unless it is asked for', async () => {
  await using server = await startRunServer(fleetOf(1))
  await startFakeController(server.engine, ['default'], () => ({}))
  const { id } = await server.launch({ module: 'echo', selector: 'h-0' })
  await server.ended(id)
  const asked = await server.runs.launchAction(server.admin, {
    module: 'echo',
    title: { zh: '可选值', en: 'Choices' },
    params: { [CHOICES]: 'kind' },
    action: { kind: 'shell', command: ['ls'] },
    hosts: [fakeHost('h-0')],
    selector: 'h-0',
  })
  await server.ended(asked.id)
  const idsOf = async (filter: { readonly choices?: boolean }) =>
    (await server.runs.reader.list(server.admin, filter, { limit: 10 })).items.map((run) => run.id)
  expect(await idsOf({})).toEqual([id])
  expect(await idsOf({ choices: true })).toEqual([asked.id, id])
})

const first = (limit: number) => ({ limit, skip: 0, hostIds: false })

test('answers are folded, the majority first; hosts without one are grouped by reason', async () => {
  await using server = await startRunServer(fleetOf(10))
  const id = await ran(server, (name) => {
    if (name === 'h-7')
      return { unstarted: true, end: { state: 'unreachable', reason: 'refused', message: 'no' } }
    if (name === 'h-8') return { unstarted: true, end: { state: 'unreachable', reason: 'dns' } }
    return name === 'h-3'
      ? { output: [['stdout', '\u001b[31mold\u001b[0m\n']], answer: 'b' }
      : { output: [['stdout', 'new\n']], answer: 'a' }
  })
  const answers = await server.runs.answers.read(id, { ...first(1), hostIds: true })
  expect(answers).toMatchObject({
    clusters: [{ answer: 'a', hosts: 7, sample: { name: 'h-0', output: 'new\n' }, state: 'ok' }],
    more: 1,
    waiting: 0,
    mask: ['self'],
    silent: [
      { reason: 'refused', hosts: 1, names: ['h-7'], message: 'no' },
      { reason: 'dns', hosts: 1, names: ['h-8'] },
    ],
  })
  expect(answers.clusters[0]?.hostIds).toHaveLength(7)
  const both = await server.runs.answers.read(id, first(10))
  expect(both.clusters[1]).toMatchObject({ hosts: 1, names: ['h-3'], sample: { output: 'old\n' } })
})

test('of more answers than are asked for, those that went wrong are not left out', async () => {
  await using server = await startRunServer(fleetOf(9))
  const id = await ran(server, (name) => {
    const output = [['stdout', `${name.slice(-1) < '4' ? 'common' : name}\n`]] as const
    return name === 'h-8'
      ? { output, answer: name, end: { state: 'failed', reason: 'exit', exit: 3 } }
      : { output, answer: name.slice(-1) < '4' ? 'common' : name }
  })
  const { clusters, more } = await server.runs.answers.read(id, first(2))
  expect(clusters.map(({ hosts, state }) => [hosts, state])).toEqual([
    [4, 'ok'],
    [1, 'failed'],
  ])
  expect(more).toBe(4)
})

test('behind the majority stand the answers that are not ok, and pages of answers fit together', async () => {
  await using server = await startRunServer(fleetOf(9))
  const answerOf: Record<string, string> = {
    'h-0': 'small',
    'h-1': 'mid',
    'h-2': 'mid',
    'h-3': 'bad',
  }
  const id = await ran(server, (name) => ({
    output: [['stdout', 'x\n']],
    answer: answerOf[name] ?? 'most',
    ...(name === 'h-3'
      ? { end: { state: 'failed', reason: 'signal', message: 'ended by signal SIGKILL' } }
      : { end: { state: 'ok', changed: name !== 'h-0' } }),
  }))
  const { answers } = server.runs
  const all = await answers.read(id, first(10))
  expect(all.clusters.map(({ answer }) => answer)).toEqual(['most', 'bad', 'mid', 'small'])
  expect(all.clusters[1]).toMatchObject({ reason: 'signal', message: 'ended by signal SIGKILL' })
  expect(all.clusters.map(({ changed }) => changed)).toEqual([true, null, true, false])
  const pages = await Promise.all([0, 2].map((skip) => answers.read(id, { ...first(2), skip })))
  expect(pages.flatMap(({ clusters }) => clusters)).toEqual(all.clusters)
  expect(pages.map(({ more }) => more)).toEqual([2, 0])
})

test('hosts without an answer stand together by their cause: what was said, their own names apart', async () => {
  await using server = await startRunServer(fleetOf(60))
  const id = await ran(server, (name) => {
    const number = Number(name.slice(2))
    const end = { state: 'aborted', reason: 'byPerson', leftRunning: 'no' } as const
    if (number < 10) return { unstarted: true, end }
    if (number < 20) return { end: { ...end, message: 'ended by signal SIGTERM' } }
    const message =
      number < 35 ? `${name} (pid ${number}) hung up at 10:00:${number}` : `odd ${number}`
    return { unstarted: true, end: { state: 'unreachable', reason: 'handshakeFailed', message } }
  })
  const { silent } = await server.runs.answers.read(id, first(10))
  const brief = silent.map(({ state, started, hosts, message }) => [state, started, hosts, message])
  expect(brief.slice(0, 4)).toEqual([
    ['unreachable', false, 15, 'h-20 (pid 20) hung up at 10:00:20'],
    ['aborted', false, 10, null],
    ['aborted', true, 10, 'ended by signal SIGTERM'],
    // Twenty messages of one reason are told apart, no more: hosts may say what they like.
    ['unreachable', false, 6, null],
  ])
  expect(silent).toHaveLength(4 + 19)
})

test('a search finds a text in any host’s output, whatever its case', async () => {
  await using server = await startRunServer(fleetOf(5))
  const id = await ran(server, (name) =>
    name === 'h-2' || name === 'h-4'
      ? { output: [['stdout', `all fine\ndisk ERROR on ${name}, error again\n`]] }
      : { output: [['stdout', 'nothing\n']] },
  )
  const found = await searchOutputs(server.runs.reader, id, { text: 'Error', limit: 1 }, never)
  expect(found).toEqual({
    hosts: [{ hostId: 'id-h-2', name: 'h-2', hits: 2, line: 'disk ERROR on h-2, error again' }],
    totalHosts: 2,
    totalHits: 4,
    more: true,
  })
})

const spec: TableSpec = {
  columns: [
    { key: 'name', title: { zh: '名称', en: 'Name' }, type: 'text' },
    { key: 'size', title: { zh: '大小', en: 'Size' }, type: 'number' },
  ],
  rows: { by: 'split' },
}

test('outputs of a module with columns are one table: sorted, filtered, exported', async () => {
  await using server = await startRunServer(fleetOf(3, [{ ...echo, table: spec }]))
  const id = await ran(server, (name) =>
    name === 'h-1'
      ? { output: [] }
      : { output: [['stdout', `${name} ${name === 'h-0' ? 9 : 10}\n`]] },
  )
  const { reader } = server.runs
  const all = await readTable(reader, id, { sort: '-size', limit: 10 })
  expect(all.rows.map(({ name, cells }) => [name, ...cells])).toEqual([
    ['h-2', 'h-2', 10],
    ['h-0', 'h-0', 9],
  ])
  expect(all).toMatchObject({ total: 2, unparsed: ['h-1'] })
  expect((await readTable(reader, id, { text: 'H-2', limit: 10 })).total).toBe(1)
  const byHost = await readTable(reader, id, { sort: '-host', limit: 10 })
  expect(byHost.rows.map(({ name }) => name)).toEqual(
    byHost.rows.map(({ name }) => name).sort((a, b) => b.localeCompare(a)),
  )
  const query = runRoutes.export.query.parse({ format: 'table.csv' })
  expect(await textOf((await exportRun(reader, id, query)).chunks)).toBe(
    '\ufeffhost,name,size\r\nh-0,h-0,9\r\nh-2,h-2,10\r\n',
  )
})

test('a module without columns has no table', async () => {
  await using server = await startRunServer(fleetOf(1))
  const id = await ran(server, () => ({}))
  const problem = await readTable(server.runs.reader, id, { limit: 10 }).catch(
    (error: unknown) => error,
  )
  expect(problem).toBeInstanceOf(Problem)
  expect(problem).toMatchObject({ code: 'NO_TABLE' })
})

test('a spreadsheet runs nothing of what a host printed, and every format holds every host', async () => {
  await using server = await startRunServer(fleetOf(3))
  const id = await ran(server, (name) =>
    name === 'h-0'
      ? { output: [['stdout', '=cmd|calc!A1\n']] }
      : name === 'h-1'
        ? { output: [['stdout', 'x\n']] }
        : {},
  )
  const { reader } = server.runs
  const fileOf = async (format: string) =>
    textOf((await exportRun(reader, id, runRoutes.export.query.parse({ format }))).chunks)
  const csv = await fileOf('csv')
  expect(csv.startsWith('\ufeff')).toBe(true)
  expect(csv).toContain(`"'=cmd|calc!A1\n"`)
  const lines = (await fileOf('jsonl'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ name, state, output }) => [name, state, output])).toEqual([
    ['h-0', 'ok', '=cmd|calc!A1\n'],
    ['h-1', 'ok', 'x\n'],
    ['h-2', 'ok', ''],
  ])
  expect(await fileOf('txt')).toContain('===== h-1 (127.0.0.1) ok exit=0 =====\nx\n')
})

test('a run under way is not removed; an ended one goes with everything of it, old ones by themselves', async () => {
  const fleet = fleetOf(2)
  await using server = await startRunServer(fleet)
  const { id } = await server.launch({ module: 'echo', selector: '*' })
  const refused = await server.runs.remove(server.admin, id).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'RUN_NOT_ENDED' })
  await startFakeController(server.engine, ['default'], () => ({ output: [['stdout', 'x']] }))
  await server.ended(id)
  await server.runs.remove(server.admin, id)
  for (const table of ['runs', 'host_results', 'outputs', 'slices'] as const) {
    expect(await server.services.db.selectFrom(table).selectAll().execute()).toEqual([])
  }
  const old = await server.launch({ module: 'echo', selector: '*' })
  await server.ended(old.id)
  const young = await server.launch({ module: 'echo', selector: '*' })
  await server.ended(young.id)
  const longAgo = server.services.clock.now() - 91 * 86_400_000
  await server.services.db
    .updateTable('runs')
    .set({ ended_at: longAgo })
    .where('id', '=', old.id)
    .execute()
  expect(await server.runs.removeOld()).toBe(1)
  const left = await server.services.db.selectFrom('runs').select('id').execute()
  expect(left).toEqual([{ id: young.id }])
})
