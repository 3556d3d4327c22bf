// The pages as a server that stands by has them itself: a page that is open may need more of its files at the very
// moment in which nobody drives.

import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { createHttpServer } from '../http/index.ts'
import type { Services } from '../services.ts'
import type { TlsFiles } from '../tls.ts'
import type { Answer } from './front.ts'

export interface OwnPages {
  /** A file whose name says what is in it: whoever drives has the same, or has it not. */
  hasFile(request: IncomingMessage): boolean
  /** Anything that is not the API. */
  isPage(request: IncomingMessage): boolean
  readonly answer: Answer
  close(): Promise<void>
}

/** undefined: there are no pages. */
export const ownPages = async (
  { log, newId }: Pick<Services, 'log' | 'newId'>,
  webDir: string | undefined,
  tls: TlsFiles | undefined,
): Promise<OwnPages | undefined> => {
  if (webDir === undefined || !existsSync(join(webDir, 'index.html'))) return undefined
  const authenticate = async () => undefined
  const nothing = { routes: [], handlers: [], authenticate }
  const app = await createHttpServer({ ...nothing, log, newId, webDir, tls })
  await app.ready()
  return {
    hasFile: ({ url = '' }) => {
      const [path = ''] = url.split('?')
      return /^\/assets\/[\w.-]+$/.test(path) && existsSync(join(webDir, path))
    },
    isPage: ({ method, url = '' }) => method === 'GET' && !url.startsWith('/api/'),
    answer: (request, response) => app.routing(request, response),
    close: () => app.close(),
  }
}
