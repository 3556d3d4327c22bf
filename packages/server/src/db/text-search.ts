// Finding a part of a text, the same on every database: small and capital letters of ASCII alike.

import { type RawBuilder, sql } from 'kysely'

const escaped = (text: string): string => text.replace(/[!%_]/g, '!$&')

// Lowered on both sides: `like` itself minds the case in PostgreSQL and with MySQL's binary collation, not in SQLite.
const like = (column: string, pattern: string): RawBuilder<boolean> =>
  sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '!'`

export const contains = (column: string, text: string): RawBuilder<boolean> =>
  like(column, `%${escaped(text)}%`)

export const startsWith = (column: string, text: string): RawBuilder<boolean> =>
  like(column, `${escaped(text)}%`)
