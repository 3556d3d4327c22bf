// Handlers of the file library.

import { Readable } from 'node:stream'
import { fileRoutes } from '@omserver/api'
import { Problem } from '@omserver/core'
import { type Handler, handle } from '../http/index.ts'
import type { FileService } from './service.ts'

export const fileHandlers = (service: FileService): readonly Handler[] => [
  handle(fileRoutes.list, async () => ({ items: [...(await service.list())] })),
  handle(fileRoutes.versions, async ({ params }) => ({
    items: [...(await service.versions(params.name))],
  })),
  handle(fileRoutes.put, ({ actor, params, query, content = Readable.from([]), request }) => {
    const length = request.headers['content-length']
    const expected = length === undefined ? undefined : Number(length)
    return service.put(actor, {
      name: params.name,
      kind: query.kind,
      content: arriving(content, expected),
      expected,
    })
  }),
  handle(fileRoutes.content, ({ params, query }) => service.download(params.name, query.version)),
  handle(fileRoutes.remove, async ({ actor, params, query }) => {
    await service.remove(actor, params.name, query.version)
    return { ok: true as const }
  }),
]

/** Who goes away in the middle has sent too little. */
async function* arriving(
  content: Readable,
  expected: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0
  const more = content[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next: IteratorResult<Buffer> = await more.next().catch(() => {
        throw new Problem('FILE_INCOMPLETE', { expected: expected ?? '?', received })
      })
      if (next.done) return
      received += next.value.length
      yield next.value
    }
  } finally {
    await more.return?.()
  }
}
