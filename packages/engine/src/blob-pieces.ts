// Streams of bytes cut anew: into pieces of one length, or without their beginning.

/** Pieces of exactly `size` bytes, but the last. Holds one at a time. */
export async function* piecesOf(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = new Uint8Array(size)
  let filled = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const some = chunk.subarray(at, at + size - filled)
      piece.set(some, filled)
      filled += some.length
      at += some.length
      if (filled < size) continue
      yield piece
      piece = new Uint8Array(size)
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

/** What is in memory anyhow, as it would come from elsewhere. */
export async function* slicesOf(
  bytes: Uint8Array,
  from: number,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = from; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
