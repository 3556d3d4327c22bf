// What is written at the same time shares a commit, and nobody pays for the mistake of another.

import { expect, test } from 'vitest'
import { openScratchDb } from '../testing/scratch-db.ts'
import { insertRows } from './dialect.ts'
import type { Db } from './open-db.ts'
import { sharedTransaction, type Write } from './shared-transaction.ts'

const put =
  (name: string, seen: (trx: Db) => void = () => {}): Write =>
  async (trx) => {
    seen(trx)
    await insertRows(trx, 'settings', [{ name, value: '1' }])
  }

const namesIn = async (db: Db): Promise<readonly string[]> => {
  const rows = await db.selectFrom('settings').select('name').orderBy('name').execute()
  return rows.map(({ name }) => name)
}

test('what is written at the same time is committed once', async () => {
  await using scratch = await openScratchDb()
  const write = sharedTransaction(scratch.db)
  const commits = new Set<Db>()
  const names = Array.from({ length: 20 }, (_, n) => `n-${String(n).padStart(2, '0')}`)
  await Promise.all(
    names.map((name) =>
      write(
        1,
        put(name, (trx) => commits.add(trx)),
      ),
    ),
  )
  expect(await namesIn(scratch.db)).toEqual(names)
  expect(commits.size).toBe(1)
})

test('one transaction takes no more rows than others can wait for, and always one write', async () => {
  await using scratch = await openScratchDb()
  const write = sharedTransaction(scratch.db)
  const commits: Db[] = []
  const rows = [400, 400, 400, 5_000, 1]
  await Promise.all(
    rows.map((count, n) =>
      write(
        count,
        put(`n-${n}`, (trx) => commits.push(trx)),
      ),
    ),
  )
  expect(commits).toHaveLength(5)
  const parts = [...Map.groupBy(commits, (trx) => trx).values()]
  expect(parts.map((part) => part.length)).toEqual([2, 1, 1, 1])
})

test('a write that fails is refused alone; those beside it are stored', async () => {
  await using scratch = await openScratchDb()
  const write = sharedTransaction(scratch.db)
  await write(1, put('taken'))
  const results = await Promise.allSettled([
    write(1, put('a')),
    write(1, put('taken')),
    write(1, put('b')),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await namesIn(scratch.db)).toEqual(['a', 'b', 'taken'])
})

test('who has been told that it is stored finds it stored', async () => {
  await using scratch = await openScratchDb()
  const write = sharedTransaction(scratch.db)
  const found = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      await write(1, put(name))
      return (await namesIn(scratch.db)).includes(name)
    }),
  )
  expect(found).toEqual([true, true, true])
})
