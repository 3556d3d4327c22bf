// A tar.gz whose bytes depend on nothing but the names, modes and contents of its files: the same project is the same hash.

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { tooLarge } from './limits.ts'

export type TarEntry = {
  /** With `/`, within the project. */
  readonly path: string
} & (
  | { readonly kind: 'file'; readonly executable: boolean; readonly bytes: Uint8Array }
  | { readonly kind: 'link'; readonly target: string }
)

const BLOCK = 512
/** 2000-01-01: tar warns of files from 1970. */
const MTIME = 946_684_800

const octal = (value: number, width: number): string =>
  `${value.toString(8).padStart(width - 1, '0')}\0`

interface Header {
  readonly name: string
  readonly mode: number
  readonly size: number
  readonly type: '0' | '2' | 'x'
  readonly link?: string
}

const headerBlock = ({ name, mode, size, type, link = '' }: Header): Buffer => {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 100)
  block.write(octal(mode, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(MTIME, 12), 136)
  block.fill(' ', 148, 156)
  block.write(type, 156)
  block.write(link, 157, 100)
  block.write('ustar\x0000', 257)
  block.write('root', 265)
  block.write('root', 297)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)

/** `length key=value\n`, whose length counts itself. */
const paxRecord = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  length = bytes + String(length).length
  return `${length}${rest}`
}

const fits = (name: string): boolean => name.length <= 100 && !/[^\x20-\x7e]/.test(name)

function* chunksOf(entry: TarEntry): Generator<Uint8Array> {
  const link = entry.kind === 'link' ? entry.target : ''
  const records = [
    ...(fits(entry.path) ? [] : [paxRecord('path', entry.path)]),
    ...(fits(link) ? [] : [paxRecord('linkpath', link)]),
  ].join('')
  if (records !== '') {
    const bytes = Buffer.from(records)
    yield headerBlock({ name: 'pax', mode: 0o644, size: bytes.length, type: 'x' })
    yield bytes
    yield padding(bytes.length)
  }
  const name = fits(entry.path) ? entry.path : 'long-name'
  if (entry.kind === 'link') {
    const shown = fits(link) ? link : 'long-name'
    yield headerBlock({ name, mode: 0o777, size: 0, type: '2', link: shown })
    return
  }
  const size = entry.bytes.length
  yield headerBlock({ name, mode: entry.executable ? 0o755 : 0o644, size, type: '0' })
  yield entry.bytes
  yield padding(size)
}

async function* tarOf(
  entries: AsyncIterable<TarEntry> | Iterable<TarEntry>,
): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) yield* chunksOf(entry)
  yield Buffer.alloc(2 * BLOCK)
}

/** Entries in the order in which they are to stand. Throws Problem PROJECT_TOO_LARGE. */
export const packTarGz = async (
  entries: AsyncIterable<TarEntry> | Iterable<TarEntry>,
  maxBytes: number,
): Promise<Uint8Array> => {
  const kept: Buffer[] = []
  let size = 0
  await pipeline(Readable.from(tarOf(entries)), createGzip(), async (packed) => {
    for await (const chunk of packed as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw tooLarge('packed', maxBytes)
      kept.push(chunk)
    }
  })
  return Buffer.concat(kept)
}
