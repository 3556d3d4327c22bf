// Joins pieces of output into chunks that are worth an event each.

import type { Piece } from './tail-ring.ts'

const CHUNK_BYTES = 64 * 1024

/** Two streams that take turns in every line would make an event of each line: then their order is given up. */
const MAX_TURNS = 64

const join = (pieces: readonly Uint8Array[]): Uint8Array => {
  const [only] = pieces
  if (!only || pieces.length > 1) return Buffer.concat(pieces)
  // A few bytes must not keep a large read buffer alive.
  return only.buffer.byteLength > 2 * only.length + 8192 ? Buffer.from(only) : only
}

const cut = (piece: Piece): readonly Piece[] => {
  if (piece.bytes.length <= CHUNK_BYTES) return [piece]
  const chunks: Piece[] = []
  for (let at = 0; at < piece.bytes.length; at += CHUNK_BYTES) {
    chunks.push({ stream: piece.stream, bytes: piece.bytes.subarray(at, at + CHUNK_BYTES) })
  }
  return chunks
}

/** In order within each stream; across the streams too, unless they take turns too often. */
export const toChunks = (pieces: readonly Piece[]): readonly Piece[] => {
  const [only] = pieces
  if (only && pieces.length === 1 && only.bytes.length <= CHUNK_BYTES) {
    return [{ stream: only.stream, bytes: join([only.bytes]) }]
  }
  const groups: { readonly stream: Piece['stream']; readonly parts: Uint8Array[] }[] = []
  for (const { stream, bytes } of pieces) {
    const last = groups.at(-1)
    if (last?.stream === stream) last.parts.push(bytes)
    else groups.push({ stream, parts: [bytes] })
  }
  const joined =
    groups.length <= MAX_TURNS
      ? groups
      : (['stdout', 'stderr'] as const).map((stream) => ({
          stream,
          parts: groups.filter((group) => group.stream === stream).flatMap((group) => group.parts),
        }))
  return joined.flatMap(({ stream, parts }) => cut({ stream, bytes: join(parts) }))
}
