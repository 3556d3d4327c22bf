// Blobs of the NATS engine: pieces of a quarter megabyte in a stream, found by the hash of the whole.

import { createHash, hash } from 'node:crypto'
import { Problem } from '@omserver/core'
import { piecesOf as cutPieces } from '../blob-pieces.ts'
import type { BlobSource, Blobs } from '../ports.ts'
import { isStreamFull } from './answers.ts'
import type { Line } from './line.ts'
import type { Names } from './names.ts'
import { decodeJson, encodeJson } from './payload.ts'

const PIECE_BYTES = 256 * 1024
/** So much of one blob is under way at a time. */
const PIECES_AT_ONCE = 8
/** Asked for before they are needed. Fifty hosts may read at the same time. */
const PIECES_AHEAD = 2

const sha256 = /^[0-9a-f]{64}$/

export const streamBlobs = (line: Line, names: Names, maxBytes: number): Blobs => {
  const { js, jsm } = line
  const stream = names.blobsStream
  const pieceOf = (name: string, index: number): string => `${names.blobs}.${name}.${index}`
  /** Written last: says of how many pieces the blob is, and that they are all there. */
  const wholeOf = (name: string): string => `${names.blobs}.${name}.whole`

  const inTurns = async (count: number, work: (index: number) => Promise<void>): Promise<void> => {
    for (let from = 0; from < count; from += PIECES_AT_ONCE) {
      const some = Array.from(
        { length: Math.min(PIECES_AT_ONCE, count - from) },
        (_, n) => from + n,
      )
      await Promise.all(some.map(work))
    }
  }

  // The same bytes under the same subject, however often: a second writer changes nothing.
  const store = (subject: string, data: Uint8Array): Promise<unknown> =>
    line.persist(async () => {
      try {
        await js.publish(subject, data)
      } catch (error) {
        if (isStreamFull(error)) throw new Problem('BLOBS_FULL', { limit: maxBytes })
        throw error
      }
    })

  const last = (subject: string): Promise<Uint8Array | undefined> =>
    line.persist(async () => (await jsm.direct.getMessage(stream, { last_by_subj: subject }))?.data)

  const piecesOf = async (name: string): Promise<number | undefined> => {
    const whole = await last(wholeOf(name))
    return whole && Number(decodeJson(whole))
  }

  const isWhole = async (name: string, pieces: number): Promise<boolean> => {
    const query = { subjects_filter: `${names.blobs}.${name}.*` }
    const { state } = await line.persist(() => jsm.streams.info(stream, query))
    return Object.keys(state.subjects ?? {}).length === pieces + 1
  }

  const removeAll = async (name: string): Promise<void> => {
    // A filtered purge harms consumers on nats-server 2.9; this stream has none.
    const filter = `${names.blobs}.${name}.*`
    await line.persist(() => jsm.streams.purge(stream, { filter }))
  }

  /** Some pieces are under way while the next ones are read. Resolves to how many there are. */
  const copy = async ({ hash: name, size, read }: BlobSource): Promise<number> => {
    const sum = createHash('sha256')
    const underWay = new Set<Promise<unknown>>()
    let failed: { readonly error: unknown } | undefined
    let index = 0
    let bytes = 0
    for await (const piece of cutPieces(read(0), PIECE_BYTES)) {
      if (failed) break
      sum.update(piece)
      bytes += piece.length
      const stored = store(pieceOf(name, index++), piece).catch((error: unknown) => {
        failed ??= { error }
      })
      underWay.add(stored)
      void stored.then(() => underWay.delete(stored))
      if (underWay.size >= PIECES_AT_ONCE) await Promise.race(underWay)
    }
    await Promise.all(underWay)
    if (failed) throw failed.error
    if (bytes !== size || sum.digest('hex') !== name) {
      throw new Problem('BLOB_DAMAGED', { blob: name })
    }
    return index
  }

  async function* pieces(
    name: string,
    count: number,
    from: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const first = Math.floor(from / PIECE_BYTES)
    const coming: Promise<Uint8Array | undefined>[] = []
    for (let index = first; index < count; index++) {
      while (coming.length < PIECES_AHEAD && index + coming.length < count) {
        const next = last(pieceOf(name, index + coming.length))
        // Whoever reads no further does not wait for it.
        next.catch(() => undefined)
        coming.push(next)
      }
      const piece = await coming.shift()
      if (!piece) throw new Problem('BLOB_DAMAGED', { blob: name })
      yield index === first ? piece.subarray(from - first * PIECE_BYTES) : piece
    }
  }

  return {
    async put(bytes) {
      const name = hash('sha256', bytes, 'hex')
      const pieces = Math.ceil(bytes.length / PIECE_BYTES)
      if (await isWhole(name, pieces)) return name
      await inTurns(pieces, async (index) => {
        const from = index * PIECE_BYTES
        await store(pieceOf(name, index), bytes.subarray(from, from + PIECE_BYTES))
      })
      await store(wholeOf(name), encodeJson(pieces))
      return name
    },

    async get(name) {
      if (!sha256.test(name)) return undefined
      const count = await piecesOf(name)
      if (count === undefined) return undefined
      const pieces: Uint8Array[] = []
      await inTurns(count, async (index) => {
        pieces[index] = (await last(pieceOf(name, index))) ?? new Uint8Array()
      })
      const bytes = Buffer.concat(pieces)
      // Removed while we read, or damaged: not the blob it is named for.
      return hash('sha256', bytes, 'hex') === name ? bytes : undefined
    },

    async provide(source) {
      const { hash: name, size } = source
      if (await isWhole(name, Math.ceil(size / PIECE_BYTES))) return
      try {
        const count = await copy(source)
        await store(wholeOf(name), encodeJson(count))
      } catch (error) {
        await removeAll(name).catch(() => undefined)
        throw error
      }
    },

    async open(name, from = 0) {
      if (!sha256.test(name)) return undefined
      const count = await piecesOf(name)
      return count === undefined ? undefined : pieces(name, count, from)
    },

    async remove(name) {
      if (sha256.test(name)) await removeAll(name)
    },
  }
}
