// Blobs of the embedded engine: in memory up to a limit, or in a folder.

import { hash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '@omserver/core'
import type { Blobs } from '../ports.ts'

const sha256 = /^[0-9a-f]{64}$/

const memoryBlobs = (maxBytes: number): Blobs => {
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

const folderBlobs = (dir: string): Blobs => {
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

export type BlobStore = { readonly dir: string } | { readonly maxBytes: number }

export const localBlobs = (store: BlobStore): Blobs =>
  'dir' in store ? folderBlobs(store.dir) : memoryBlobs(store.maxBytes)
