import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '@omserver/core'
import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseKind, databaseOf, dropDatabaseOf, placeOf } from '../testing/test-database.ts'
import { insertRows, updateRows, upsertRows } from './dialect.ts'
import { type Migration, migrate, migrations } from './migrate.ts'
import { type Db, openDb, writeTrouble } from './open-db.ts'

const log = { info: () => {}, warn: () => {} }
let folder: string
let opened: Db[]
const open = async (): Promise<Db> => {
  const db = await openDb({ folder, place: await placeOf(folder), log })
  opened.push(db)
  return db
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'om-db-'))
  opened = []
})
afterEach(async () => {
  for (const db of opened) await db.destroy()
  await dropDatabaseOf(folder)
  rmSync(folder, { recursive: true, force: true })
})

const setting = (name: string, value: string) => ({ name, value })
const settings = async (db: Db) =>
  Object.fromEntries(
    (await db.selectFrom('settings').selectAll().orderBy('name').execute()).map((row) => [
      row.name,
      row.value,
    ]),
  )

describe('openDb', () => {
  it('migrates once and keeps what was written', async () => {
    const first = await open()
    await insertRows(first, 'settings', [setting('a', '1')])
    await first.destroy()
    const second = await open()
    expect(await settings(second)).toEqual({ a: '1' })
  })

  it('refuses a second server on one data folder, and lets the next in when the first has closed', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'DATA_FOLDER_IN_USE',
      details: { folder },
    })
    await first.destroy()
    await open()
  })

  it('lets a new server in after the holder was killed with SIGKILL', async () => {
    const program = fileURLToPath(new URL('./open-db.ts', import.meta.url))
    const urls = fileURLToPath(new URL('./database-url.ts', import.meta.url))
    const url = (await databaseOf(folder)) ?? ''
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { openDb } from ${JSON.stringify(program)}
         import { parseDatabaseUrl } from ${JSON.stringify(urls)}
         const url = process.env.URL
         const place = url === '' ? undefined : parseDatabaseUrl(url)
         await openDb({ folder: ${JSON.stringify(folder)}, place, log: { info() {}, warn() {} } })
         console.log('open'); setInterval(() => {}, 1000)`,
      ],
      { env: { ...process.env, URL: url }, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await new Promise((resolve) => child.stdout.once('data', resolve))
    await expect(open()).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' })
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    await open()
  })

  it('refuses a database that a newer version has changed', async () => {
    const first = await open()
    await first
      .insertInto('migrations' as never)
      .values({ name: '9999-later', applied_at: 1 } as never)
      .execute()
    await first.destroy()
    await expect(open()).rejects.toMatchObject({
      code: 'DB_NEWER',
      details: { step: '9999-later' },
    })
  })

  if (databaseKind() === 'sqlite') {
    it('says that the disk is full, remembers it, and forgets it after the next write', async () => {
      const db = await open()
      const { sql } = await import('kysely')
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
      await sql.raw(`pragma max_page_count = ${rows[0]!.page_count}`).execute(db)
      const error = await insertRows(db, 'settings', [setting('big', 'x'.repeat(1_000_000))]).catch(
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(Problem)
      expect(error).toMatchObject({ code: 'DISK_FULL' })
      expect(writeTrouble(db)?.code).toBe('DISK_FULL')
      await sql.raw('pragma max_page_count = 1000000').execute(db)
      await insertRows(db, 'settings', [setting('small', 'x')])
      expect(writeTrouble(db)).toBeUndefined()
      expect(await settings(db)).toEqual({ small: 'x' })
    })
  }
})

describe('migrate', () => {
  it('undoes a step that failed half-way, and runs it whole the next time', async () => {
    const db = (await open()) as unknown as Kysely<unknown>
    let fails = true
    const step = (name: string, up: Migration['up']): Migration => ({ name, up })
    const steps = [
      ...migrations,
      step('0098-one', (trx) => trx.schema.createTable('one').addColumn('a', 'integer').execute()),
      step('0099-two', async (trx) => {
        await trx.schema.createTable('two').addColumn('a', 'integer').execute()
        if (fails) throw new Error('killed')
      }),
    ]
    const run = () => migrate(db, { steps, now: () => 1 })
    await expect(run()).rejects.toThrow('killed')
    fails = false
    expect(await run()).toEqual(['0099-two'])
    expect(await run()).toEqual([])
    const tables = (await db.introspection.getTables()).map(({ name }) => name)
    expect(tables).toEqual(expect.arrayContaining(['one', 'two']))
  })
})

describe('rows', () => {
  it('inserts many rows as one transaction', async () => {
    const db = await open()
    const rows = Array.from({ length: 5000 }, (_, n) => setting(`n${n}`, String(n)))
    await insertRows(db, 'settings', rows)
    expect(Object.keys(await settings(db))).toHaveLength(5000)
    await expect(
      insertRows(db, 'settings', [setting('new', ''), setting('n7', '')]),
    ).rejects.toThrow()
    expect((await settings(db)).new).toBeUndefined()
  })

  it('takes part in the transaction of its caller', async () => {
    const db = await open()
    const failed = db.transaction().execute(async (trx) => {
      await insertRows(trx, 'settings', [setting('a', '1')])
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect(await settings(db)).toEqual({})
  })

  it('overwrites on upsert and finds rows by key on update', async () => {
    const db = await open()
    await upsertRows(db, 'settings', ['name'], [setting('a', '1'), setting('b', '1')])
    await upsertRows(db, 'settings', ['name'], [setting('b', '2'), setting('c', '2')])
    await updateRows(db, 'settings', ['name'], [setting('a', '3'), setting('absent', '3')])
    expect(await settings(db)).toEqual({ a: '3', b: '2', c: '2' })
  })

  it('upserts rows that are nothing but their key', async () => {
    const db = await open()
    const member = { team_id: 't', user_id: 'u' }
    await upsertRows(db, 'team_members', ['team_id', 'user_id'], [member])
    await upsertRows(db, 'team_members', ['team_id', 'user_id'], [member])
    expect(await db.selectFrom('team_members').selectAll().execute()).toEqual([member])
  })
})
