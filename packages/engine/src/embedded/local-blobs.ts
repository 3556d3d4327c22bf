// Blobs of the embedded engine: in memory up to a limit, in a folder, or where their source keeps them.

import { hash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '@omserver/core'
import { slicesOf } from '../blob-pieces.ts'
import type { BlobSource, Blobs } from '../ports.ts'

const sha256 = /^[0-9a-f]{64}$/
const PIECE_BYTES = 256 * 1024

type Kept = Pick<Blobs, 'put' | 'get' | 'remove'>

const memoryBlobs = (maxBytes: number): Kept => {
  const blobs = new Map<string, Uint8Array>()
  let held = 0
  return {
    async put(bytes) {
      const name = hash('sha256', bytes, 'hex')
      if (blobs.has(name)) return name
      // An older blob may be what a run is about to copy: a full store refuses, it does not forget.
      if (held + bytes.length > maxBytes) throw new Problem('BLOBS_FULL', { limit: maxBytes })
      held += bytes.length
      blobs.set(name, Uint8Array.from(bytes))
      return name
    },
    async get(name) {
      return blobs.get(name)
    },
    async remove(name) {
      held -= blobs.get(name)?.length ?? 0
      blobs.delete(name)
    },
  }
}

const folderBlobs = (dir: string): Kept => {
  const fileOf = (name: string): string => join(dir, name.slice(0, 2), name)
  return {
    async put(bytes) {
      const name = hash('sha256', bytes, 'hex')
      const file = fileOf(name)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const half = `${file}.${randomUUID()}`
      await writeFile(half, bytes, { mode: 0o600, flush: true })
      await rename(half, file)
      return name
    },
    async get(name) {
      if (!sha256.test(name)) return undefined
      const bytes = await readFile(fileOf(name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      // A file that the disk damaged is not the blob it is named for.
      return bytes && hash('sha256', bytes, 'hex') === name ? bytes : undefined
    },
    async remove(name) {
      if (sha256.test(name)) await rm(fileOf(name), { force: true })
    },
  }
}

const readWhole = async (source: BlobSource): Promise<Uint8Array | undefined> => {
  const bytes = Buffer.concat(await Array.fromAsync(source.read(0)))
  return hash('sha256', bytes, 'hex') === source.hash ? bytes : undefined
}

/** What its source keeps is not kept twice. */
const withSources = (kept: Kept): Blobs => {
  const sources = new Map<string, BlobSource>()
  const get: Blobs['get'] = async (name) => {
    const source = sources.get(name)
    return source ? readWhole(source) : kept.get(name)
  }
  return {
    put: kept.put,
    get,
    async provide(source) {
      sources.set(source.hash, source)
    },
    async open(name, from = 0) {
      const source = sources.get(name)
      if (source) return checkedLength(source, from)
      const bytes = await kept.get(name)
      return bytes && slicesOf(bytes, from, PIECE_BYTES)
    },
    async remove(name) {
      sources.delete(name)
      await kept.remove(name)
    },
  }
}

async function* checkedLength(
  source: BlobSource,
  from: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = from
  for await (const bytes of source.read(from)) {
    at += bytes.length
    yield bytes
  }
  if (at !== source.size) throw new Problem('BLOB_DAMAGED', { blob: source.hash })
}

export type BlobStore = { readonly dir: string } | { readonly maxBytes: number }

export const localBlobs = (store: BlobStore): Blobs =>
  withSources('dir' in store ? folderBlobs(store.dir) : memoryBlobs(store.maxBytes))
