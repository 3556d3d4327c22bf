// The file library: names with versions, and what runs need of it.

import type { FileVersionView, FileView } from '@omserver/api'
import { Problem } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { FileAnswer } from '../http/index.ts'
import type { Services } from '../services.ts'
import type { SettingsService } from '../settings/index.ts'
import type { Contents } from './contents.ts'
import {
  insertVersion,
  readVersions,
  readVersionsOf,
  removeVersions,
  type VersionRow,
} from './table.ts'

export interface FilesParts {
  readonly settings: Pick<SettingsService, 'read'>
  /** Ids of the runs under way that copy this content. */
  readonly runsWith: (hash: string) => readonly string[]
}

interface PutInput {
  readonly name: string
  readonly kind: FileView['kind']
  readonly content: AsyncIterable<Uint8Array>
  /** Bytes, as the sender announced them. */
  readonly expected?: number
}

export interface FileService {
  list(): Promise<readonly FileView[]>
  /** Newest first. Throws Problem FILE_UNKNOWN. */
  versions(name: string): Promise<readonly FileVersionView[]>
  /** Throws Problem FILE_TOO_LARGE, FILE_INCOMPLETE, DISK_FULL; then nothing has changed. */
  put(actor: Actor, input: PutInput): Promise<FileVersionView>
  /** The newest without `version`. Throws Problem FILE_UNKNOWN, FILE_VERSION_UNKNOWN. */
  find(name: string, version?: number): Promise<FileVersionView>
  download(name: string, version?: number): Promise<FileAnswer>
  /** All versions without `version`. Throws Problem FILE_UNKNOWN, FILE_VERSION_UNKNOWN, FILE_IN_USE. */
  remove(actor: Actor, name: string, version?: number): Promise<void>
}

const NAMED_RUNS = 3

export const fileService = (
  services: Pick<Services, 'db' | 'clock' | 'activity'>,
  contents: Contents,
  parts: FilesParts,
): FileService => {
  const { db, clock, activity } = services

  const rowsOf = async (name: string, version?: number): Promise<readonly VersionRow[]> => {
    const rows = await readVersionsOf(db, name)
    if (rows.length === 0) throw new Problem('FILE_UNKNOWN', { file: name })
    if (version === undefined) return rows
    const found = rows.filter((row) => row.version === version)
    if (found.length === 0) throw new Problem('FILE_VERSION_UNKNOWN', { file: name, version })
    return found
  }

  const newest = async (name: string, version?: number): Promise<VersionRow> => {
    const [row] = await rowsOf(name, version)
    if (!row) throw new Problem('FILE_UNKNOWN', { file: name })
    return row
  }

  return {
    list: async () => {
      const files = Map.groupBy(await readVersions(db), ({ name }) => name)
      return [...files.values()].flatMap((rows) =>
        rows.slice(0, 1).map((row) => ({ ...viewOf(row), versions: rows.length })),
      )
    },
    versions: async (name) => (await rowsOf(name)).map(viewOf),
    put: async (actor, { name, kind, content, expected }) => {
      const { fileMaxBytes } = await parts.settings.read()
      return contents.store(content, { maxBytes: fileMaxBytes, expected }, async (trx, stored) => {
        const [last] = await readVersionsOf(trx, name)
        // The same thing twice is one thing: a script may put what it has every night.
        if (last && last.content_id === stored.id && last.kind === kind) return viewOf(last)
        const row = {
          name,
          version: (last?.version ?? 0) + 1,
          content_id: stored.id,
          kind,
          added_at: clock.now(),
          added_by: actor.name,
        }
        await insertVersion(trx, row)
        const { version } = row
        const { hash, size } = stored
        await activity.record(
          actor,
          { what: 'files.put', subject: name, after: { version, kind, size, hash } },
          trx,
        )
        return viewOf({ ...row, hash, size, pieces: 0 })
      })
    },
    find: async (name, version) => viewOf(await newest(name, version)),
    download: async (name, version) => {
      const row = await newest(name, version)
      return {
        fileName: row.kind === 'folder' ? `${name}.tar` : name,
        size: row.size,
        chunks: contents.read({ id: row.content_id, pieces: row.pieces }),
      }
    },
    remove: async (actor, name, version) => {
      const rows = await rowsOf(name, version)
      const runs = [...new Set(rows.flatMap(({ hash }) => parts.runsWith(hash)))]
      if (runs.length > 0) {
        throw new Problem('FILE_IN_USE', {
          file: name,
          runs: runs.slice(0, NAMED_RUNS).join(', '),
        })
      }
      const free = await db.transaction().execute(async (trx) => {
        await removeVersions(trx, name, version)
        await activity.record(
          actor,
          {
            what: 'files.remove',
            subject: name,
            before: rows.map((row) => ({ version: row.version, size: row.size, hash: row.hash })),
          },
          trx,
        )
        return contents.release(
          trx,
          rows.map(({ content_id }) => content_id),
        )
      })
      // Nobody waits for a gigabyte to be taken out of the database.
      void contents.clean(free)
    },
  }
}

const viewOf = (row: VersionRow): FileVersionView => ({
  name: row.name,
  version: Number(row.version),
  kind: row.kind === 'folder' ? 'folder' : 'file',
  size: row.size,
  hash: row.hash,
  addedAt: Number(row.added_at),
  addedBy: row.added_by,
})
