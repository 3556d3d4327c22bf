// Follows the output of one host attempt for one reader: every byte once, in order, and no character cut in two.

import { TextDecoder } from 'node:util'
import { isEncoding, type OutputStream } from '@omserver/core'
import type { Db, OutputsTable } from '../db/index.ts'
import { type Chunk, type StoredPiece, streamOf } from './output-chunks.ts'
import { chunksOfHost, type OutputKey } from './outputs-table.ts'

export interface TextPiece {
  readonly stream: OutputStream
  /** Of the first byte, in the host's output as kept. */
  readonly offset: number
  readonly text: string
}

const CHUNKS_A_READ = 16

export class OutputCursor {
  readonly #key: OutputKey
  readonly #encoding: string
  readonly #decoders = new Map<OutputStream, TextDecoder>()
  #offset = 0

  constructor(key: OutputKey, encoding: string | undefined) {
    this.#key = key
    this.#encoding = encoding !== undefined && isEncoding(encoding) ? encoding : 'utf-8'
  }

  /** Bytes handed on so far. */
  get offset(): number {
    return this.#offset
  }

  /** undefined: these bytes were handed on before. Bytes before them must have been: see `behind`. */
  take(stream: OutputStream, offset: number, bytes: Uint8Array): TextPiece | undefined {
    const skip = this.#offset - offset
    if (skip >= bytes.length) return undefined
    const from = this.#offset
    this.#offset = offset + bytes.length
    const text = this.#decoder(stream).decode(skip > 0 ? bytes.subarray(skip) : bytes, {
      stream: true,
    })
    return text === '' ? undefined : { stream, offset: from, text }
  }

  /** Bytes before this offset have not been handed on: they are in the database. */
  behind(offset: number): boolean {
    return offset > this.#offset
  }

  /** What is stored beyond the offset. */
  async *stored(db: Db): AsyncGenerator<TextPiece> {
    for (;;) {
      const rows = await chunksOfHost(db, this.#key, this.#offset, CHUNKS_A_READ)
      for (const row of rows) {
        for (const piece of piecesOfRow(row)) {
          const taken = this.take(piece.stream, piece.offset, piece.bytes)
          if (taken) yield taken
        }
      }
      if (rows.length < CHUNKS_A_READ) return
    }
  }

  /** What is left of a character that never got its last byte. */
  *end(): Generator<TextPiece> {
    for (const [stream, decoder] of this.#decoders) {
      const text = decoder.decode()
      if (text !== '') yield { stream, offset: this.#offset, text }
    }
    this.#decoders.clear()
  }

  #decoder(stream: OutputStream): TextDecoder {
    let decoder = this.#decoders.get(stream)
    if (!decoder) {
      decoder = new TextDecoder(this.#encoding)
      this.#decoders.set(stream, decoder)
    }
    return decoder
  }
}

export const piecesOfRow = (row: OutputsTable) =>
  piecesOf({ ...row, pieces: JSON.parse(row.pieces) as StoredPiece[] })

const piecesOf = function* (chunk: Chunk): Generator<{
  readonly stream: OutputStream
  readonly offset: number
  readonly bytes: Uint8Array
}> {
  let at = 0
  for (const piece of chunk.pieces) {
    const bytes = chunk.bytes.subarray(at, at + piece[1])
    yield { stream: streamOf(piece), offset: chunk.offset + at, bytes }
    at += piece[1]
  }
}
