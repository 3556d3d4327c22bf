// A trigger that refuses updates, in the words of the database that the tests run on.

import { sql } from 'kysely'
import type { Db } from '../db/index.ts'
import { databaseKind } from './test-database.ts'

/** `conditions` speak of the rows `old` and `new`. Made twice, it is there once. */
export const refuseUpdate = async (
  db: Db,
  name: string,
  table: string,
  conditions: readonly string[],
): Promise<void> => {
  const when = conditions.map((one) => `(${one})`).join(' or ')
  for (const statement of statements[databaseKind()](name, table, when)) {
    await sql.raw(statement).execute(db)
  }
}

const statements = {
  sqlite: (name: string, table: string, when: string) => [
    `create trigger if not exists ${name} before update on ${table}
     when ${when} begin select raise(abort, '${name}'); end`,
  ],
  mysql: (name: string, table: string, when: string) => [
    `create or replace trigger ${name} before update on ${table} for each row
     if ${when} then signal sqlstate '45000' set message_text = '${name}'; end if`,
  ],
  postgres: (name: string, table: string, when: string) => [
    `create or replace function ${name}() returns trigger as $$ begin raise exception '${name}'; end $$ language plpgsql`,
    `create or replace trigger ${name} before update on ${table} for each row
     when (${when}) execute function ${name}()`,
  ],
}
