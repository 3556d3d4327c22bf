// Every step against a database that has rows already: an upgrade loses none, and needs nothing from its user.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dropDatabaseOf, placeOf } from '../testing/test-database.ts'
import { migrate, migrations } from './migrate.ts'
import { type Db, openDb } from './open-db.ts'

type AnyDb = Kysely<Record<string, Record<string, unknown>>>

let folder: string
let db: Db

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-migrations-'))
  db = await openDb({
    folder,
    place: await placeOf(folder),
    log: { info: () => {}, warn: () => {} },
  })
})
afterEach(async () => {
  await db.destroy()
  await dropDatabaseOf(folder)
  rmSync(folder, { recursive: true, force: true })
})

const tablesOf = async (any: AnyDb) =>
  (await any.introspection.getTables()).filter(
    ({ name }) => name !== 'migrations' && name !== 'last_commit',
  )

/** One row in each table, whatever its columns: text, or 1 where a number belongs. */
const fill = async (any: AnyDb): Promise<void> => {
  for (const table of await tablesOf(any)) {
    const row = table.columns.map(({ name, dataType }) => [
      name,
      /int|real|float|double/i.test(dataType)
        ? 1
        : /blob|bytea/i.test(dataType)
          ? Buffer.from('x')
          : 'x',
    ])
    await any.insertInto(table.name).values(Object.fromEntries(row)).execute()
  }
}

const countsOf = async (any: AnyDb) => {
  const counts: Record<string, number> = {}
  for (const { name } of await tablesOf(any)) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(
      any,
    )
    counts[name] = rows[0]?.n ?? -1
  }
  return counts
}

/** As a database of that time: what openDb has made is taken away again. */
const emptied = async (): Promise<AnyDb> => {
  const any = db as unknown as AnyDb
  for (const { name } of await any.introspection.getTables()) {
    if (name === 'last_commit') continue
    await any.schema.dropTable(name).execute()
  }
  return any
}

it.each(migrations.map(({ name }, index) => [name, index] as const).slice(1))(
  '%s keeps the rows that are there',
  async (_, index) => {
    const any = await emptied()
    const options = { now: () => 1 }
    await migrate(any as never, { ...options, steps: migrations.slice(0, index) })
    await fill(any)
    const before = await countsOf(any)
    await migrate(any as never, { ...options, steps: migrations.slice(0, index + 1) })
    expect(await countsOf(any)).toMatchObject(before)
  },
)
