// The output of one host: a range of bytes as text, or the whole as a download.

import { TextDecoder } from 'node:util'
import type { runRoutes } from '@omserver/api'
import { decodeOutput, isEncoding, isEnd, Problem } from '@omserver/core'
import type { z } from 'zod'
import type { FileAnswer } from '../http/index.ts'
import type { HostRow } from './host-row.ts'
import { OutputCursor, piecesOfRow } from './output-cursor.ts'
import { chunksOfHost, keptBytes, type OutputKey } from './outputs-table.ts'
import type { RunReader } from './read.ts'
import { attemptsOfHost } from './results-table.ts'

export type OutputQuery = z.output<(typeof runRoutes)['output']['query']>
export type OutputAnswer = z.input<(typeof runRoutes)['output']['answer']>

const CHUNKS_A_READ = 64

export const readOutput = async (
  reader: RunReader,
  target: { readonly runId: string; readonly hostId: string },
  query: OutputQuery,
): Promise<OutputAnswer> => {
  const row = await attemptOf(reader, target, query.attempt)
  const key = { ...target, attempt: row.attempt }
  const kept = await keptBytes(reader.services.db, key)
  const end = Math.min(kept, query.from + query.bytes)
  const pieces = await rawPieces(reader, key, query.from, end)
  const encoding = await reader.encodingOf(target.hostId)
  if (end < kept) cutAtCharacter(pieces, encoding)
  const last = pieces.at(-1)
  const reached = last ? last.offset + last.bytes.length : query.from
  return {
    hostId: row.host_id,
    name: row.name,
    attempt: row.attempt,
    pieces: pieces.map(({ stream, offset, bytes }) => ({
      stream,
      offset,
      text: decodeOutput(bytes, encoding),
    })),
    next: reached < kept ? reached : null,
    keptBytes: kept,
    outputBytes: isEnd(row.state) ? row.output_bytes : kept,
    truncated: row.truncated === 1,
    gapAt: gapOf(row, kept),
  }
}

/** As bytes came; text of a host with an encoding of its own is made UTF-8. */
export const downloadOutput = async (
  reader: RunReader,
  target: { readonly runId: string; readonly hostId: string },
  attempt: number | undefined,
): Promise<FileAnswer> => {
  const row = await attemptOf(reader, target, attempt)
  const encoding = await reader.encodingOf(target.hostId)
  const key = { ...target, attempt: row.attempt }
  return {
    fileName: `${row.name}.txt`,
    mediaType: 'text/plain',
    chunks: encoding === undefined ? bytesOf(reader, row, key) : textOf(reader, key, encoding),
  }
}

/** The row of that attempt, the last one when none is named. Throws Problem RUN_UNKNOWN, HOST_UNKNOWN. */
export const attemptOf = async (
  reader: RunReader,
  target: { readonly runId: string; readonly hostId: string },
  attempt: number | undefined,
): Promise<HostRow> => {
  await reader.record(target.runId)
  const attempts = await attemptsOfHost(reader.services.db, target.runId, target.hostId)
  const row = attempts.find((one) => attempt === undefined || one.attempt === attempt)
  if (!row) throw new Problem('HOST_UNKNOWN', { host: target.hostId })
  return row
}

interface RawPiece {
  readonly stream: 'stdout' | 'stderr'
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Neighbours of one stream as one piece: a character may begin in one chunk and end in the next. */
const rawPieces = async (
  reader: RunReader,
  key: OutputKey,
  from: number,
  end: number,
): Promise<RawPiece[]> => {
  const pieces: RawPiece[] = []
  let at = from
  while (at < end) {
    const rows = await chunksOfHost(reader.services.db, key, at, CHUNKS_A_READ)
    if (rows.length === 0) break
    for (const row of rows) {
      for (const piece of piecesOfRow(row)) {
        const skip = Math.max(0, at - piece.offset)
        const bytes = piece.bytes.subarray(skip, Math.max(skip, end - piece.offset))
        if (bytes.length === 0) continue
        const last = pieces.at(-1)
        if (last?.stream === piece.stream) {
          pieces[pieces.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, bytes]) }
        } else {
          pieces.push({ stream: piece.stream, offset: piece.offset + skip, bytes })
        }
        at = piece.offset + skip + bytes.length
      }
    }
  }
  return pieces
}

const LINE_END = 0x0a
const LONGEST_CHARACTER = 4

/** Ends a range that is not the last at a line's end, which is a character's end in every encoding we read. */
const cutAtCharacter = (pieces: RawPiece[], encoding: string | undefined): void => {
  const last = pieces.at(-1)
  if (!last) return
  const line = last.bytes.lastIndexOf(LINE_END)
  const cut = line > 0 ? line + 1 : lastCharacterEnd(last.bytes, encoding)
  if (cut <= 0 || cut === last.bytes.length) return
  pieces[pieces.length - 1] = { ...last, bytes: last.bytes.subarray(0, cut) }
}

/** Only who reads from the start knows where characters of GB18030 end: any byte of one may begin another. */
const lastCharacterEnd = (bytes: Uint8Array, encoding: string | undefined): number => {
  const label = encoding !== undefined && isEncoding(encoding) ? encoding : 'utf-8'
  for (let cut = bytes.length; cut > bytes.length - LONGEST_CHARACTER; cut--) {
    const decoder = new TextDecoder(label)
    decoder.decode(bytes.subarray(0, cut), { stream: true })
    if (decoder.decode() === '') return cut
  }
  return bytes.length
}

const HEAD_BYTES = 512 * 1024
const NARROW_TAIL_BYTES = 4 * 1024

/** A controller keeps half a MiB of the beginning; of a run that prints too much, all but the last 4 KiB. */
const gapOf = (row: HostRow, kept: number): number | null => {
  if (row.truncated === 0) return null
  return kept > HEAD_BYTES ? HEAD_BYTES : Math.max(0, kept - NARROW_TAIL_BYTES)
}

async function* bytesOf(
  reader: RunReader,
  row: HostRow,
  key: OutputKey,
): AsyncGenerator<Uint8Array> {
  const gap = gapOf(row, await keptBytes(reader.services.db, key))
  let at = 0
  for (;;) {
    const chunks = await chunksOfHost(reader.services.db, key, at, CHUNKS_A_READ)
    for (const { offset, bytes } of chunks) {
      const cut = gap === null ? -1 : gap - offset
      if (cut >= 0 && cut < bytes.length) {
        yield bytes.subarray(0, cut)
        yield Buffer.from(
          `\n[… OMServer: ${row.output_bytes} bytes in all, the middle was not kept …]\n`,
        )
        yield bytes.subarray(cut)
      } else {
        yield bytes
      }
      at = offset + bytes.length
    }
    if (chunks.length < CHUNKS_A_READ) return
  }
}

async function* textOf(
  reader: RunReader,
  key: OutputKey,
  encoding: string,
): AsyncGenerator<string> {
  const cursor = new OutputCursor(key, encoding)
  for await (const { text } of cursor.stored(reader.services.db)) yield text
  for (const { text } of cursor.end()) yield text
}
