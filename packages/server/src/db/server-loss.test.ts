// A database server that is cut off: each commit is known to have happened or not, and nothing is written twice.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LeakyProxy, startLeakyProxy } from '../testing/leaky-proxy.ts'
import { databaseKind, databaseOf, dropDatabaseOf } from '../testing/test-database.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { insertRows } from './dialect.ts'
import { type Db, openDb, writeTrouble } from './open-db.ts'

const log = { info: () => {}, warn: () => {} }
let folder: string
let proxy: LeakyProxy
let db: Db

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-loss-'))
  const direct = await databaseOf(folder)
  if (direct === undefined) return
  const url = new URL(direct)
  proxy = await startLeakyProxy(url.hostname, Number(url.port))
  url.port = String(proxy.port)
  db = await openDb({ folder, place: parseDatabaseUrl(url.href), log })
})
afterEach(async () => {
  await db?.destroy()
  await proxy?.[Symbol.asyncDispose]()
  await dropDatabaseOf(folder)
  rmSync(folder, { recursive: true, force: true })
})

const names = async (): Promise<readonly string[]> =>
  (await db.selectFrom('settings').select('name').orderBy('name').execute()).map(({ name }) => name)
const put = (name: string): Promise<void> => insertRows(db, 'settings', [{ name, value: '1' }])

/** The statement, not the table that remembers it. */
const commit = /(?<![a-z_])commit/

const suite = () => {
  it('a commit whose answer was lost has happened, and is told so', async () => {
    await put('before')
    const cut = proxy.cutAt(commit, 'late')
    await put('doubtful')
    await cut
    expect(await names()).toEqual(['before', 'doubtful'])
    await put('after')
    expect(await names()).toEqual(['after', 'before', 'doubtful'])
    expect(writeTrouble(db)).toBeUndefined()
  })

  it('a commit that never arrived has not happened, and is told so', async () => {
    const cut = proxy.cutAt(commit, 'early')
    await expect(put('lost')).rejects.toMatchObject({ code: 'DB_UNREACHABLE' })
    await cut
    await put('lost')
    expect(await names()).toEqual(['lost'])
  })

  it('a transaction cut off in its middle leaves nothing behind', async () => {
    const work = db.transaction().execute(async (trx) => {
      await insertRows(trx, 'settings', [{ name: 'half', value: '1' }])
      void proxy.cutAt(/other half/, 'early')
      await insertRows(trx, 'settings', [{ name: 'other half', value: '1' }])
    })
    await expect(work).rejects.toMatchObject({ code: 'DB_UNREACHABLE' })
    await put('next')
    expect(await names()).toEqual(['next'])
  })

  it('while it is away writes and reads are refused, and go on by themselves when it is back', async () => {
    await put('a')
    proxy.shut()
    await expect(put('b')).rejects.toMatchObject({ code: 'DB_UNREACHABLE' })
    await expect(names()).rejects.toMatchObject({ code: 'DB_UNREACHABLE' })
    expect(writeTrouble(db)?.code).toBe('DB_UNREACHABLE')
    expect(JSON.stringify(writeTrouble(db)?.details)).not.toContain('p%40ss')
    proxy.open()
    await expect.poll(() => writeTrouble(db), { timeout: 30_000 }).toBeUndefined()
    await put('b')
    expect(await names()).toEqual(['a', 'b'])
  })

  it('after somebody else has written to it, only a start may go on', async () => {
    await put('a')
    proxy.shut()
    await expect.poll(() => writeTrouble(db)?.code, { timeout: 30_000 }).toBe('DB_UNREACHABLE')
    const other = mkdtempSync(join(tmpdir(), 'om-loss-other-'))
    const direct = await databaseOf(folder)
    const second = await openDb({ folder: other, place: parseDatabaseUrl(direct ?? ''), log })
    await second.destroy()
    rmSync(other, { recursive: true, force: true })
    proxy.open()
    await expect.poll(() => writeTrouble(db)?.code, { timeout: 30_000 }).toBe('DB_CHANGED')
    await expect(put('b')).rejects.toMatchObject({ code: 'DB_CHANGED' })
  })
}

if (databaseKind() === 'sqlite') it('a file is never cut off', () => expect(proxy).toBeUndefined())
else describe('a database server', suite)
