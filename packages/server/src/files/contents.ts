// The content of files: each once, found by its hash, written and read piece by piece.

import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Problem } from '@omserver/core'
import type { BlobSource } from '@omserver/engine'
import type { Db, Services } from '../services.ts'
import {
  type Content,
  completeContent,
  findContent,
  forgetContent,
  idsOfForgotten,
  insertContent,
  insertPieces,
  isReferredTo,
  lastPiece,
  readPiece,
  removeContent,
  removePieces,
} from './table.ts'

const PIECE_BYTES = 512 * 1024
/** Written with one wait for the disk. */
const PIECES_A_COMMIT = 4
const PIECES_A_REMOVAL = 16

interface Limits {
  readonly maxBytes: number
  /** As the sender announced it. */
  readonly expected?: number
}

export interface Contents {
  /**
   * Stores what comes; `refer` makes something refer to it, in the transaction that makes it be there. Nothing is left
   * of what fails. Throws Problem FILE_TOO_LARGE, FILE_INCOMPLETE, DISK_FULL.
   */
  store<T>(
    chunks: AsyncIterable<Uint8Array>,
    limits: Limits,
    refer: (trx: Db, content: Pick<Content, 'id' | 'hash' | 'size'>) => Promise<T>,
  ): Promise<T>
  source(hash: string): Promise<BlobSource | undefined>
  read(content: Pick<Content, 'id' | 'pieces'>, from?: number): AsyncIterable<Uint8Array>
  /** In the transaction in which something stopped referring to it; resolves to what is to be removed afterwards. */
  release(trx: Db, contentIds: readonly string[]): Promise<readonly string[]>
  /** Takes its time; what remains is removed at the next start. */
  clean(contentIds: readonly string[]): Promise<void>
  /** Before anything is stored. */
  cleanForgotten(): Promise<void>
}

export const createContents = (
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'log'>,
): Contents => {
  const { db, clock, newId, log } = services

  const clean = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      for (;;) {
        const last = await lastPiece(db, id)
        if (last === undefined) break
        await removePieces(db, id, Math.max(0, last + 1 - PIECES_A_REMOVAL))
        await nextTurn()
      }
      await removeContent(db, id)
    }
  }

  /** A full disk may keep even this from being written: the next start finds it. */
  const cleanOrLater = (ids: readonly string[]): Promise<void> =>
    clean(ids).catch((error: unknown) => {
      log.warn({ err: error }, 'content of files that is not needed could not be removed yet')
    })

  const write = async (
    id: string,
    chunks: AsyncIterable<Uint8Array>,
    limits: Limits,
  ): Promise<{ readonly hash: string; readonly size: number; readonly pieces: number }> => {
    const sum = createHash('sha256')
    let size = 0
    let position = 0
    let waiting: { content_id: string; position: number; bytes: Uint8Array }[] = []
    let piece = Buffer.allocUnsafe(PIECE_BYTES)
    let filled = 0
    const keep = async (): Promise<void> => {
      waiting.push({ content_id: id, position: position++, bytes: piece.subarray(0, filled) })
      piece = Buffer.allocUnsafe(PIECE_BYTES)
      filled = 0
      if (waiting.length < PIECES_A_COMMIT) return
      const rows = waiting
      waiting = []
      await insertPieces(db, rows)
      await nextTurn()
    }
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > limits.maxBytes) throw new Problem('FILE_TOO_LARGE', { limit: limits.maxBytes })
      sum.update(chunk)
      for (let at = 0; at < chunk.length; ) {
        const some = chunk.subarray(at, at + PIECE_BYTES - filled)
        piece.set(some, filled)
        filled += some.length
        at += some.length
        if (filled === PIECE_BYTES) await keep()
      }
    }
    if (filled > 0) await keep()
    if (limits.expected !== undefined && limits.expected !== size) {
      throw new Problem('FILE_INCOMPLETE', { expected: limits.expected, received: size })
    }
    if (waiting.length > 0) await insertPieces(db, waiting)
    return { hash: sum.digest('hex'), size, pieces: position }
  }

  const read: Contents['read'] = async function* ({ id, pieces }, from = 0) {
    const first = Math.floor(from / PIECE_BYTES)
    for (let position = first; position < pieces; position++) {
      const bytes = await readPiece(db, id, position)
      if (!bytes) return
      yield position === first ? bytes.subarray(from - first * PIECE_BYTES) : bytes
    }
  }

  return {
    store: async (chunks, limits, refer) => {
      const { expected, maxBytes } = limits
      if (expected !== undefined && expected > maxBytes) {
        throw new Problem('FILE_TOO_LARGE', { limit: maxBytes })
      }
      const id = newId()
      await insertContent(db, {
        id,
        hash: null,
        size: 0,
        pieces: 0,
        created_at: clock.now(),
      })
      let twice = false
      try {
        const whole = await write(id, chunks, limits)
        return await db.transaction().execute(async (trx) => {
          const known = await findContent(trx, whole.hash)
          twice = known !== undefined
          if (known) return refer(trx, known)
          await completeContent(trx, id, whole)
          return refer(trx, { id, ...whole })
        })
      } catch (error) {
        twice = true
        throw error
      } finally {
        if (twice) await cleanOrLater([id])
      }
    },
    source: async (hash) => {
      const content = await findContent(db, hash)
      return content && { hash, size: content.size, read: (from) => read(content, from) }
    },
    read,
    release: async (trx, contentIds) => {
      const free: string[] = []
      for (const id of new Set(contentIds)) {
        if (await isReferredTo(trx, id)) continue
        await forgetContent(trx, id)
        free.push(id)
      }
      return free
    },
    clean: cleanOrLater,
    cleanForgotten: async () => cleanOrLater(await idsOfForgotten(db)),
  }
}
