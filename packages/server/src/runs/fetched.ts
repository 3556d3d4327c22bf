// What a run collected from its hosts: which files there are, and all of them as one archive.

import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { FetchedFileView } from '@omserver/api'
import { Problem } from '@omserver/core'
import type { FetchedFilesTable } from '../db/index.ts'
import type { FileAnswer } from '../http/index.ts'
import { fetchedFiles, fetchedPiece } from './fetched-table.ts'
import { nextTurn } from './next-turn.ts'
import type { RunReader } from './read.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

interface Named {
  readonly file: FetchedFilesTable
  readonly host: string
}

const filesOf = async (reader: RunReader, runId: string): Promise<readonly Named[]> => {
  await reader.record(runId)
  const files = await fetchedFiles(reader.services.db, runId)
  const names = new Map((await reader.allHosts(runId)).map((row) => [row.host_id, row.name]))
  return files
    .map((file) => ({ file, host: names.get(file.host_id) ?? file.host_id }))
    .sort((a, b) => (a.host < b.host ? -1 : 1))
}

/** Throws Problem RUN_UNKNOWN. */
export const readFetched = async (
  reader: RunReader,
  runId: string,
): Promise<{ items: FetchedFileView[] }> => ({
  items: (await filesOf(reader, runId)).map(({ file, host }) => ({
    hostId: file.host_id,
    host,
    path: file.path,
    size: Number(file.size),
    hash: file.hash,
  })),
})

/** tar.gz: a folder for each host. Throws Problem RUN_UNKNOWN, NOTHING_FETCHED. */
export const downloadFetched = async (reader: RunReader, runId: string): Promise<FileAnswer> => {
  const files = await filesOf(reader, runId)
  if (files.length === 0) throw new Problem('NOTHING_FETCHED', { run: runId })
  const { module } = await reader.record(runId)
  const tar = Readable.from(archive(reader, files), { objectMode: false })
  const zip = createGzip({ level: 5 })
  tar.once('error', (error) => zip.destroy(error))
  return {
    fileName: `${module}-${runId.slice(0, 8)}.tar.gz`,
    mediaType: 'application/gzip',
    chunks: tar.pipe(zip),
  }
}

async function* archive(
  { services }: RunReader,
  files: readonly Named[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const mtime = Math.floor(services.clock.now() / 1000)
  for (const { file, host } of files) {
    const size = Number(file.size)
    yield tarHeader({ name: `${host}/${file.path.replace(/^\/+/, '')}`, size, mtime })
    for (let at = 0; at < size; ) {
      const bytes = await fetchedPiece(services.db, file, at)
      if (!bytes || bytes.length === 0) throw new Error(`a piece of ${file.path} is missing`)
      yield bytes
      at += bytes.length
      await nextTurn()
    }
    yield tarPadding(size)
  }
  yield tarEnd
}
