// The last bytes of an output that is too long to keep, in a buffer that grows with what it holds.

import type { OutputStream } from '@omserver/core'

export interface Piece {
  readonly stream: OutputStream
  readonly bytes: Uint8Array
}

const FIRST_SIZE = 4 * 1024

/** A host that switches streams with every byte would otherwise fill memory with bookkeeping. */
const MAX_PIECES = 4_096

interface Span {
  readonly stream: OutputStream
  length: number
}

export interface TailRing {
  /** Bytes that are held. */
  readonly length: number
  /** Bytes of memory in use. */
  readonly size: number
  /** @param cap the ring drops its oldest bytes beyond this many; it never shrinks below what it has room for */
  push(stream: OutputStream, bytes: Uint8Array, cap: number): void
  /** Oldest first. Empties the ring. */
  drain(): readonly Piece[]
}

export const createTailRing = (): TailRing => {
  let memory = Buffer.alloc(0)
  let start = 0
  let length = 0
  let spans: Span[] = []
  let firstSpan = 0

  const copyOut = (from: number, count: number): Buffer => {
    const out = Buffer.allocUnsafe(count)
    const at = (start + from) % memory.length
    const first = Math.min(count, memory.length - at)
    memory.copy(out, 0, at, at + first)
    if (first < count) memory.copy(out, first, 0, count - first)
    return out
  }

  const grow = (need: number, cap: number): void => {
    if (need <= memory.length || memory.length >= cap) return
    let size = Math.max(memory.length, FIRST_SIZE)
    while (size < need && size < cap) size *= 2
    const bigger = Buffer.allocUnsafe(Math.min(size, Math.max(cap, memory.length)))
    if (length > 0) copyOut(0, length).copy(bigger)
    memory = bigger
    start = 0
  }

  const dropOldest = (count: number): void => {
    start = memory.length === 0 ? 0 : (start + count) % memory.length
    length -= count
    let left = count
    while (left > 0) {
      const span = spans[firstSpan]
      if (!span) break
      const part = Math.min(left, span.length)
      span.length -= part
      left -= part
      if (span.length === 0) firstSpan++
    }
    if (firstSpan > MAX_PIECES) {
      spans = spans.slice(firstSpan)
      firstSpan = 0
    }
  }

  const note = (stream: OutputStream, count: number): void => {
    const last = spans.at(-1)
    if (last && spans.length > firstSpan && last.stream === stream) last.length += count
    else spans.push({ stream, length: count })
    while (spans.length - firstSpan > MAX_PIECES) dropOldest(spans[firstSpan]?.length ?? 0)
  }

  return {
    get length() {
      return length
    },
    get size() {
      return memory.length
    },
    push(stream, bytes, cap) {
      grow(length + bytes.length, cap)
      const room = memory.length
      if (room === 0) return
      const kept = bytes.length > room ? bytes.subarray(bytes.length - room) : bytes
      const over = length + kept.length - room
      if (over > 0) dropOldest(over)
      const at = (start + length) % room
      const first = Math.min(kept.length, room - at)
      memory.set(kept.subarray(0, first), at)
      if (first < kept.length) memory.set(kept.subarray(first), 0)
      length += kept.length
      note(stream, kept.length)
    },
    drain() {
      const pieces: Piece[] = []
      let from = 0
      for (const span of spans.slice(firstSpan)) {
        if (span.length === 0) continue
        pieces.push({ stream: span.stream, bytes: copyOut(from, span.length) })
        from += span.length
      }
      memory = Buffer.alloc(0)
      start = 0
      length = 0
      spans = []
      firstSpan = 0
      return pieces
    },
  }
}
