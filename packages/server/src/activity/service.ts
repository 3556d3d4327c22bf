// The activity log: who did what, from where, to what. Written and read; never edited.

import type { ActivityView, Page } from '@omserver/api'
import { systemActor } from '../access/index.ts'
import { CSV_START, csvLine } from '../csv.ts'
import type { ActivityTable } from '../db/index.ts'
import type { ActivityLog, Services } from '../services.ts'
import { maskSecrets } from './mask.ts'
import { type ActivityFilter, add, page, removeBefore } from './table.ts'

type Needs = Pick<Services, 'db' | 'clock' | 'newId'>

const NAMED_HOSTS = 100
const VALUE_LIMIT = 64 * 1024

export const activityLog = (services: Needs): ActivityLog => ({
  record: (actor, entry, within = services.db) =>
    add(within, {
      id: services.newId(),
      at: services.clock.now(),
      actor_id: actor.id,
      actor_name: clip(actor.name, 100),
      via: clip(actor.via, 100),
      from_address: clip(actor.from, 64),
      what: clip(entry.what, 100),
      subject: clip(entry.subject, 300),
      host_count: entry.hosts?.length ?? 0,
      hosts: JSON.stringify(entry.hosts?.slice(0, NAMED_HOSTS) ?? []),
      before: valueText(entry.before),
      after: valueText(entry.after),
    }),
})

const clip = (text: string, length: number): string => text.slice(0, length)

const valueText = (value: unknown): string | null => {
  if (value === undefined) return null
  const text = JSON.stringify(maskSecrets(value))
  return text.length <= VALUE_LIMIT ? text : JSON.stringify({ tooLarge: text.length })
}

export interface ActivityService {
  list(
    filter: ActivityFilter,
    paging: { readonly cursor?: string; readonly limit: number },
  ): Promise<Page<ActivityView>>
  export(filter: ActivityFilter, format: 'csv' | 'jsonl'): AsyncGenerator<string, void, undefined>
  /** Removes what is older than so many days and records that it did; 0 keeps everything. */
  trim(days: number): Promise<number>
}

const DAY_MS = 86_400_000
const EXPORT_ROWS = 1000

export const activityService = (services: Needs & Pick<Services, 'activity'>): ActivityService => ({
  list: async (filter, { cursor, limit }) => {
    const before = cursor === undefined ? undefined : keyOf(cursor)
    const rows = await page(services.db, filter, { limit: limit + 1, before })
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    return {
      items: items.map(viewOf),
      next: rows.length > limit && last ? `${last.at}.${last.id}` : null,
    }
  },
  export: (filter, format) => exported(services, filter, format),
  trim: async (days) => {
    if (days === 0) return 0
    const before = services.clock.now() - days * DAY_MS
    const removed = await removeBefore(services.db, before)
    if (removed > 0) {
      await services.activity.record(systemActor, {
        what: 'activity.trim',
        subject: `< ${new Date(before).toISOString()}`,
        after: { removed, days },
      })
    }
    return removed
  },
})

const keyOf = (cursor: string): { at: number; id: string } => {
  const dot = cursor.indexOf('.')
  return { at: Number(cursor.slice(0, dot)) || 0, id: cursor.slice(dot + 1) }
}

const viewOf = (row: ActivityTable): ActivityView => ({
  id: row.id,
  at: row.at,
  actorId: row.actor_id,
  actorName: row.actor_name,
  via: row.via,
  from: row.from_address,
  what: row.what,
  subject: row.subject,
  hostCount: row.host_count,
  hosts: JSON.parse(row.hosts),
  before: row.before === null ? null : JSON.parse(row.before),
  after: row.after === null ? null : JSON.parse(row.after),
})

const columns = [
  'time',
  'actor',
  'via',
  'from',
  'what',
  'subject',
  'hosts',
  'hostNames',
  'before',
  'after',
]

async function* exported(
  services: Needs,
  filter: ActivityFilter,
  format: 'csv' | 'jsonl',
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield CSV_START + csvLine(columns)
  let before: { at: number; id: string } | undefined
  for (;;) {
    const rows = await page(services.db, filter, { limit: EXPORT_ROWS, before })
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
      .map((row) => (format === 'csv' ? csvRow(row) : `${JSON.stringify(viewOf(row))}\n`))
      .join('')
    before = { at: last.at, id: last.id }
  }
}

const csvRow = (row: ActivityTable): string =>
  csvLine([
    new Date(row.at).toISOString(),
    row.actor_name,
    row.via,
    row.from_address,
    row.what,
    row.subject,
    row.host_count,
    (JSON.parse(row.hosts) as string[]).join(' '),
    row.before,
    row.after,
  ])
