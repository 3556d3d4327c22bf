// The activity log as stored. Rows are added and, when they are too old, removed; none is ever changed.

import { type ActivityTable, contains, type Db, insertRows, startsWith } from '../db/index.ts'

export const add = (db: Db, row: ActivityTable): Promise<void> => insertRows(db, 'activity', [row])

export interface ActivityFilter {
  readonly actor?: string
  readonly what?: string
  readonly text?: string
  readonly since?: number
  readonly until?: number
}

/** Newest first; `before` is the key of the last row of the page before. */
export const page = (
  db: Db,
  filter: ActivityFilter,
  options: {
    readonly limit: number
    readonly before?: { readonly at: number; readonly id: string }
  },
): Promise<ActivityTable[]> => {
  let query = db
    .selectFrom('activity')
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(options.limit)
  const { actor, what, text, since, until } = filter
  if (actor) query = query.where('actor_name', '=', actor)
  // `users` finds `users.add` and all its siblings.
  if (what) {
    query = query.where((e) => e.or([e('what', '=', what), startsWith('what', `${what}.`)]))
  }
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<', until)
  if (text) {
    query = query.where((e) =>
      e.or(
        (['subject', 'actor_name', 'what', 'hosts', 'from_address'] as const).map((column) =>
          contains(column, text),
        ),
      ),
    )
  }
  const { before } = options
  if (before) {
    query = query.where((e) =>
      e.or([e('at', '<', before.at), e.and([e('at', '=', before.at), e('id', '<', before.id)])]),
    )
  }
  return query.execute()
}

export const removeBefore = async (db: Db, at: number): Promise<number> => {
  const result = await db.deleteFrom('activity').where('at', '<', at).executeTakeFirst()
  return Number(result.numDeletedRows)
}
