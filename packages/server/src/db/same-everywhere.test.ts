// What the databases would each do in their own way, and must not: order, case, bytes, numbers, odd characters.

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openScratchDb, type ScratchDb } from '../testing/scratch-db.ts'
import { insertRows, updateRows, upsertRows } from './dialect.ts'
import type { HostResultsTable } from './tables.ts'
import { contains, startsWith } from './text-search.ts'

let scratch: ScratchDb
beforeAll(async () => {
  scratch = await openScratchDb()
})
beforeEach(async () => {
  for (const table of ['settings', 'host_results', 'outputs'] as const) {
    await scratch.db.deleteFrom(table).execute()
  }
})
afterAll(() => scratch.close())

const putNames = (names: readonly string[]) =>
  insertRows(
    scratch.db,
    'settings',
    names.map((name) => ({ name, value: `of ${name}` })),
  )
const namesBy = async (search: ReturnType<typeof contains>) =>
  (
    await scratch.db.selectFrom('settings').select('name').where(search).orderBy('name').execute()
  ).map(({ name }) => name)

const result = (position: number, more: Partial<HostResultsTable> = {}): HostResultsTable => ({
  run_id: 'r',
  host_id: `h${position}`,
  attempt: 1,
  position,
  name: `web-${position}`,
  address: '10.0.0.1',
  idc: 'sz',
  driver: 'sim',
  batch: 0,
  slice_id: null,
  fence: 0,
  state: 'queued',
  reason: null,
  message: null,
  exit: null,
  changed: null,
  left_running: null,
  started_at: null,
  ended_at: null,
  duration_ms: null,
  output_bytes: 0,
  truncated: 0,
  answer: null,
  rev: position,
  target: null,
  ...more,
})

it('names differ by case and accents, and sort by their bytes', async () => {
  const names = ['b', 'A', 'a', 'é', 'e', 'Z', '中', 'web-10', 'web-2', 'web_1']
  await putNames(names)
  const rows = await scratch.db.selectFrom('settings').select('name').orderBy('name').execute()
  expect(rows.map(({ name }) => name)).toEqual([
    'A',
    'Z',
    'a',
    'b',
    'e',
    'web-10',
    'web-2',
    'web_1',
    'é',
    '中',
  ])
  const exact = scratch.db.selectFrom('settings').select('name').where('name', '=', 'a')
  expect(await exact.execute()).toEqual([{ name: 'a' }])
})

it('text is found whatever its case; the signs of a pattern mean themselves', async () => {
  await putNames([
    'Nginx',
    'nginx-2',
    '50%',
    '500',
    'a_b',
    'axb',
    'wow!',
    'back\\slash',
    "it's",
    '中文',
  ])
  expect(await namesBy(contains('name', 'NGINX'))).toEqual(['Nginx', 'nginx-2'])
  expect(await namesBy(contains('name', '0%'))).toEqual(['50%'])
  expect(await namesBy(contains('name', 'a_b'))).toEqual(['a_b'])
  expect(await namesBy(contains('name', 'w!'))).toEqual(['wow!'])
  expect(await namesBy(contains('name', 'k\\s'))).toEqual(['back\\slash'])
  expect(await namesBy(contains('name', "t's"))).toEqual(["it's"])
  expect(await namesBy(contains('name', '文'))).toEqual(['中文'])
  expect(await namesBy(startsWith('name', 'ngin'))).toEqual(['Nginx', 'nginx-2'])
})

it('numbers come back as numbers: times, fractions, what an exit code may be, sums and counts', async () => {
  const at = 1_764_122_445_123
  await insertRows(scratch.db, 'host_results', [
    result(1, { started_at: at, duration_ms: 1234.56789, exit: 4_294_967_295, changed: 1 }),
    result(2, { rev: 2 ** 50, changed: 1 }),
  ])
  const rows = await scratch.db
    .selectFrom('host_results')
    .select(['started_at', 'duration_ms', 'exit', 'rev'])
    .orderBy('position')
    .execute()
  expect(rows[0]).toMatchObject({ started_at: at, duration_ms: 1234.56789, exit: 4_294_967_295 })
  expect(rows[1]?.rev).toBe(2 ** 50)
  const sums = await scratch.db
    .selectFrom('host_results')
    .select((e) => [e.fn.sum<number>('changed').as('sum'), e.fn.countAll<number>().as('all')])
    .executeTakeFirst()
  expect(sums).toEqual({ sum: 2, all: 2 })
})

it('every byte comes back as it was, of a short output and of a long one', async () => {
  const all = Uint8Array.from({ length: 256 }, (_, n) => n)
  const long = new Uint8Array(300_000).fill(0x5c)
  const row = { run_id: 'r', host_id: 'h', attempt: 1, pieces: '[]' }
  await insertRows(scratch.db, 'outputs', [
    { ...row, offset: 0, bytes: all },
    { ...row, offset: 256, bytes: long },
  ])
  await updateRows(
    scratch.db,
    'outputs',
    ['run_id', 'host_id', 'attempt', 'offset'],
    [{ ...row, offset: 0, bytes: Buffer.from(all) }],
  )
  const stored = await scratch.db.selectFrom('outputs').select('bytes').orderBy('offset').execute()
  expect(stored.map(({ bytes }) => Buffer.from(bytes))).toEqual([
    Buffer.from(all),
    Buffer.from(long),
  ])
})

it('what a host may print as a message is stored, whatever it is', async () => {
  const odd = ["'; drop table users; --", '\\', '"\n\r\t', '\u2028😀', 'x'.repeat(500), '$1 ? :a']
  await insertRows(
    scratch.db,
    'host_results',
    odd.map((message, n) => result(n, { message })),
  )
  await updateRows(
    scratch.db,
    'host_results',
    ['run_id', 'position', 'attempt'],
    odd.map((message, position) => ({
      run_id: 'r',
      position,
      attempt: 1,
      message,
      target: message,
    })),
  )
  const rows = await scratch.db
    .selectFrom('host_results')
    .select(['message', 'target'])
    .orderBy('position')
    .execute()
  expect(rows).toEqual(odd.map((message) => ({ message, target: message })))
  // Not every database keeps these; none may refuse them.
  await updateRows(
    scratch.db,
    'host_results',
    ['run_id', 'position', 'attempt'],
    [
      { run_id: 'r', position: 0, attempt: 1, message: 'a\0b' },
      { run_id: 'r', position: 1, attempt: 1, message: 'half \ud83d' },
    ],
  )
  await insertRows(scratch.db, 'settings', [{ name: 'nul', value: 'a\0b \ud83d' }])
})

it('many rows: updates find each of theirs, of two for one key the last one counts', async () => {
  const many = Array.from({ length: 3_000 }, (_, n) => result(n))
  await insertRows(scratch.db, 'host_results', many)
  const keys = ['run_id', 'position', 'attempt'] as const
  await updateRows(
    scratch.db,
    'host_results',
    keys,
    many.map(({ run_id, position, attempt }) => ({ run_id, position, attempt, exit: position })),
  )
  const rows = await scratch.db
    .selectFrom('host_results')
    .select(['position', 'exit', 'state'])
    .orderBy('position')
    .execute()
  expect(rows.every(({ position, exit, state }) => exit === position && state === 'queued')).toBe(
    true,
  )
  const twice = [
    { name: 'n', value: '1' },
    { name: 'n', value: '2' },
  ]
  await upsertRows(scratch.db, 'settings', ['name'], twice)
  await upsertRows(scratch.db, 'settings', ['name'], twice)
  expect(await scratch.db.selectFrom('settings').selectAll().execute()).toEqual([twice[1]])
})

it('a row that would take the unique name of another is refused, and overwrites nothing', async () => {
  const host = (id: string, name: string) => ({
    id,
    name,
    address: id,
    outer_address: null,
    port: 22,
    driver: 'ssh',
    labels: '{}',
    credential_id: null,
    jump_host_id: null,
    encoding: null,
    created_at: 1,
    updated_at: 1,
  })
  await insertRows(scratch.db, 'hosts', [host('1', 'one')])
  await expect(upsertRows(scratch.db, 'hosts', ['id'], [host('2', 'one')])).rejects.toThrow()
  const rows = await scratch.db.selectFrom('hosts').select(['id', 'name']).execute()
  expect(rows).toEqual([{ id: '1', name: 'one' }])
  await scratch.db.deleteFrom('hosts').execute()
})
