// One run through the API, timed from the POST to `run.ended`, which the server sends after everything is stored.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient, type LaunchInput, runRoutes } from '@omserver/api'
import type { OmServer } from '../e2e/support/omserver.ts'
import { cpuMs } from './measure.ts'

export interface Timed {
  readonly wallMs: number
  readonly cpuMs: number
  readonly counts: Readonly<Record<string, number>>
  readonly id: string
}

/** The token that the command line keeps for this server. */
export const clientOf = (server: OmServer): Client => {
  const file = join(server.dataDir, 'config/omserver/account.json')
  const { token } = JSON.parse(readFileSync(file, 'utf8')) as { token: string }
  return createClient({ baseUrl: server.url, token })
}

export const timeRun = async (
  server: OmServer,
  client: Client,
  input: LaunchInput,
  hosts: number,
): Promise<Timed> => {
  const cpu = cpuMs(server.pid)
  const begun = performance.now()
  const run = await client.call(runRoutes.launch, { body: { ...input, confirmHosts: hosts } })
  for await (const { data } of client.events(runRoutes.events, {
    params: { id: run.id },
    query: { form: 'hosts' },
  })) {
    if (data.type !== 'run.ended') continue
    const wallMs = performance.now() - begun
    return { wallMs, cpuMs: cpuMs(server.pid) - cpu, counts: data.counts, id: run.id }
  }
  throw new Error(`run ${run.id} did not end`)
}
