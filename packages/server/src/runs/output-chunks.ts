// Packs the output of a host into rows: one where it is short, else chunks of 16 to 64 KiB; never a row a line.

import type { OutputStream } from '@omserver/core'

export interface OutputPiece {
  readonly stream: OutputStream
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Number of the stream and length: what a chunk is made of, in order. */
export type StoredPiece = readonly [1 | 2, number]

export interface Chunk {
  readonly offset: number
  readonly bytes: Uint8Array
  readonly pieces: readonly StoredPiece[]
}

/** The last chunk while it is short and its host goes on: rewritten when more comes. */
export type OpenChunk = Chunk

const CLOSED_BYTES = 16 * 1024
const LARGEST_BYTES = 64 * 1024

export const streamOf = (piece: StoredPiece): OutputStream => (piece[0] === 1 ? 'stdout' : 'stderr')

export const isOpen = (chunk: Chunk): boolean => chunk.bytes.length < CLOSED_BYTES

/** The chunks that hold `open` and what follows it; the first takes the place of `open`. */
export const packChunks = (
  open: OpenChunk | undefined,
  added: readonly OutputPiece[],
): readonly Chunk[] => {
  const chunks: Chunk[] = []
  let offset = open?.offset ?? added[0]?.offset ?? 0
  let parts: Uint8Array[] = open ? [open.bytes] : []
  let pieces: StoredPiece[] = open ? [...open.pieces] : []
  let size = open?.bytes.length ?? 0
  const close = (): void => {
    const [only] = parts
    const bytes = parts.length === 1 && only ? only : Buffer.concat(parts)
    chunks.push({ offset, bytes, pieces })
    offset += size
    parts = []
    pieces = []
    size = 0
  }
  for (const { stream, bytes } of added) {
    let rest = bytes
    while (rest.length > 0) {
      if (size === LARGEST_BYTES) close()
      const part = rest.subarray(0, LARGEST_BYTES - size)
      rest = rest.subarray(part.length)
      parts.push(part)
      size += part.length
      const last = pieces.at(-1)
      const fd = stream === 'stdout' ? 1 : 2
      if (last && last[0] === fd) pieces[pieces.length - 1] = [fd, last[1] + part.length]
      else pieces.push([fd, part.length])
    }
  }
  if (size > 0) close()
  return chunks
}
