// Writes a `file` answer: a download, streamed as fast as the client takes it.

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { FileAnswer } from './handler.ts'

export const sendFile = (
  reply: FastifyReply,
  file: FileAnswer,
  declaredType: string | undefined,
): Readable => {
  const type = file.mediaType ?? declaredType ?? 'application/octet-stream'
  reply.header('content-type', type.startsWith('text/') ? `${type}; charset=utf-8` : type)
  reply.header('content-disposition', contentDisposition(file.fileName))
  if (file.size !== undefined) reply.header('content-length', file.size)
  return Readable.from(bytesOf(file.chunks), { objectMode: false })
}

async function* bytesOf(chunks: FileAnswer['chunks']): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk)
    // An empty chunk would end a byte stream.
    if (bytes.length > 0) yield bytes
  }
}

/** RFC 6266: the name in UTF-8, and one in ASCII for what does not know that. */
export const contentDisposition = (fileName: string): string => {
  const safe = fileName.toWellFormed().replace(/[\p{Cc}/\\]/gu, '_')
  const ascii = safe.replace(/[^\u0020-\u007e]/g, '_').replaceAll('"', '_')
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
