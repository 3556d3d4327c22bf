// A run as a screen saw it, kept with its times and played back: what the page costs, whatever the server does beside it.

import { once } from 'node:events'
import { createServer, type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, type Route, runRoutes } from '@omserver/api'
import type { OmServer } from '../e2e/support/omserver.ts'

interface Piece {
  readonly atMs: number
  readonly bytes: Uint8Array
}

export interface Recording {
  readonly id: string
  readonly run: { readonly begun: string; readonly ended: string }
  /** Pages of results as they were when the run began, by the cursor that asks for them. */
  readonly pages: ReadonlyMap<string, string>
  readonly events: readonly Piece[]
  readonly wallMs: number
}

/** Asks as the run page asks (packages/web/src/runs/run-store.ts), and keeps what it hears until the run has ended. */
export const record = async (client: Client, id: string): Promise<Recording> => {
  const text = async <R extends Route>(route: R, input: Parameters<typeof client.file<R>>[1]) =>
    (await client.file(route, input)).text()
  const begunAt = performance.now()
  const begun = await text(runRoutes.show, { params: { id } })
  const pages = new Map<string, string>()
  let rev = 0
  let cursor: string | undefined = ''
  while (cursor !== undefined) {
    const body: string = await text(runRoutes.results, {
      params: { id },
      query: { limit: 20_000, ...(cursor === '' ? {} : { cursor }) },
    })
    const page: unknown = JSON.parse(body)
    if (!isPage(page)) throw new Error('this is no page of results')
    if (cursor === '') rev = page.rev
    pages.set(cursor, body)
    cursor = page.next ?? undefined
  }
  const { body } = await client.file(runRoutes.events, {
    params: { id },
    query: { form: 'hosts', after: rev },
  })
  const events: Piece[] = []
  for await (const bytes of body ?? []) events.push({ atMs: performance.now() - begunAt, bytes })
  const ended = await text(runRoutes.show, { params: { id } })
  return { id, run: { begun, ended }, pages, events, wallMs: performance.now() - begunAt }
}

const isPage = (value: unknown): value is { readonly rev: number; readonly next: string | null } =>
  typeof value === 'object' && value !== null && 'rev' in value && 'next' in value

/** How long the server said nothing of hosts, at most, ms: no page can move in that time. */
export const longestPause = ({ events }: Recording): number => {
  let longest = 0
  let last = 0
  for (const { atMs, bytes } of events) {
    if (!Buffer.from(bytes).includes('hosts.changed')) continue
    longest = Math.max(longest, atMs - last)
    last = atMs
  }
  return longest
}

export interface Replay {
  readonly url: string
  /** Resolves when all events have been played. */
  readonly over: Promise<void>
  readonly close: () => void
}

/** The server's pages and answers, only that the recorded run begins when it is first looked at, and lasts `lastsMs`. */
export const replay = async (
  server: OmServer,
  recording: Recording,
  lastsMs: number,
): Promise<Replay> => {
  const root = `/api/runs/${recording.id}`
  const pace = lastsMs / recording.wallMs
  let end = () => {}
  let ended = false
  const over = new Promise<void>((resolve) => {
    end = () => {
      ended = true
      resolve()
    }
  })
  const play = async (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const begun = performance.now()
    for (const { atMs, bytes } of recording.events) {
      const early = atMs * pace - (performance.now() - begun)
      if (early > 1) await sleep(early)
      if (!response.write(bytes)) await once(response, 'drain')
    }
    end()
    response.end()
  }
  const listener = createServer((asked, response) => {
    const { pathname, searchParams } = new URL(asked.url ?? '/', server.url)
    const json = (body: string) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    if (pathname === root) json(ended ? recording.run.ended : recording.run.begun)
    else if (pathname === `${root}/results`)
      json(recording.pages.get(searchParams.get('cursor') ?? '') ?? '')
    else if (pathname === `${root}/events`) void play(response)
    else pass(server, asked.url ?? '/', asked.headers, response)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    over,
    close: () => {
      listener.close()
      listener.closeAllConnections()
    },
  }
}

const pass = (
  server: OmServer,
  path: string,
  headers: OutgoingHttpHeaders,
  response: ServerResponse,
): void => {
  const onward = request(`${server.url}${path}`, {
    headers: { ...headers, host: new URL(server.url).host },
  })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  onward.end()
}
