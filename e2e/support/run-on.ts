// Runs a shell command through the API and waits for its end: what each host answered, by name.

import {
  type Client,
  type HostResultView,
  type LaunchInput,
  type RunView,
  runRoutes,
} from '@omserver/api'

export interface Finished {
  readonly run: RunView
  /** Of the last attempt. */
  readonly hosts: ReadonlyMap<string, HostResultView>
}

export const launchOn = (
  client: Client,
  selector: string,
  command: string,
  more: Partial<LaunchInput> = {},
): Promise<RunView> =>
  client.call(runRoutes.launch, {
    body: { module: 'shell', params: { command }, selector, ...more },
  })

export const endOfRun = async (client: Client, id: string): Promise<Finished> => {
  const events = client.events(runRoutes.events, { params: { id }, query: { form: 'each' } })
  for await (const { data } of events) if (data.type === 'run.ended') break
  const run = await client.call(runRoutes.show, { params: { id } })
  const { items } = await client.call(runRoutes.results, { params: { id }, query: {} })
  return { run, hosts: new Map(items.map((host) => [host.name, host])) }
}

export const runOn = async (...args: Parameters<typeof launchOn>): Promise<Finished> =>
  endOfRun(args[0], (await launchOn(...args)).id)

/** The states that occur, with how many hosts are in each. Their sum is the number of targets. */
export const countsOf = ({ run }: Pick<Finished, 'run'>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(run.counts).filter(([, hosts]) => hosts > 0))

export const outputOf = async (
  client: Client,
  runId: string,
  hostId: string,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<string> => {
  const { pieces } = await client.call(runRoutes.output, {
    params: { id: runId, hostId },
    query: { bytes: 1024 * 1024 },
  })
  return pieces
    .filter((piece) => piece.stream === stream)
    .map(({ text }) => text)
    .join('')
}
