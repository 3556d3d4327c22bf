// What the callback plugin says of a play, line by line.

import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Fields, isRecord } from '../../loose.ts'

type TaskState = 'ok' | 'failed' | 'skipped' | 'unreachable'

export interface TaskResult {
  readonly kind: 'result'
  readonly state: TaskState
  readonly host: string
  readonly task: string
  readonly id: string
  readonly changed: boolean
  readonly item?: string
  /** It ends a loop whose items have been told. */
  readonly summary: boolean
  /** It failed, and the play goes on. */
  readonly ignored: boolean
  /** no_log: nothing of it may be shown. */
  readonly hidden: boolean
  readonly exit?: number
  readonly out?: string
  readonly err?: string
  readonly message?: string
  readonly diff?: string
  /** Bytes of its texts that were not kept. */
  readonly missed: number
  readonly ms?: number
}

export interface HostStats {
  readonly ok: number
  readonly changed: number
  readonly failures: number
  readonly unreachable: number
  readonly skipped: number
  readonly rescued: number
  readonly ignored: number
}

export type PlayEvent =
  | { readonly kind: 'start'; readonly version: string }
  | { readonly kind: 'play'; readonly name: string }
  | { readonly kind: 'prompt'; readonly name: string }
  | { readonly kind: 'noHosts' }
  | { readonly kind: 'begin'; readonly host: string; readonly task: string; readonly id: string }
  | TaskResult
  | { readonly kind: 'stats'; readonly hosts: ReadonlyMap<string, HostStats> }

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const count = (value: unknown): number => (typeof value === 'number' ? value : 0)
const states: readonly string[] = ['ok', 'failed', 'skipped', 'unreachable'] satisfies TaskState[]
const isState = (value: unknown): value is TaskState =>
  typeof value === 'string' && states.includes(value)

const resultOf = (said: Fields): TaskResult | undefined => {
  const { state } = said
  if (!isState(state)) return undefined
  const optional = Object.fromEntries(
    ['item', 'out', 'err', 'message', 'diff'].flatMap((name) =>
      typeof said[name] === 'string' ? [[name, said[name]]] : [],
    ),
  )
  return {
    kind: 'result',
    state,
    host: text(said.host),
    task: text(said.task),
    id: text(said.id),
    changed: said.changed === true,
    summary: said.summary === true,
    ignored: said.ignored === true,
    hidden: said.hidden === true,
    missed: count(said.missed),
    ...(typeof said.exit === 'number' ? { exit: said.exit } : {}),
    ...(typeof said.ms === 'number' ? { ms: said.ms } : {}),
    ...optional,
  }
}

const statsOf = (hosts: unknown): ReadonlyMap<string, HostStats> =>
  new Map(
    Object.entries(isRecord(hosts) ? hosts : {}).map(([name, value]) => {
      const all = isRecord(value) ? value : {}
      const { ok, changed, failures, unreachable, skipped, rescued, ignored } = all
      return [
        name,
        {
          ok: count(ok),
          changed: count(changed),
          failures: count(failures),
          unreachable: count(unreachable),
          skipped: count(skipped),
          rescued: count(rescued),
          ignored: count(ignored),
        },
      ]
    }),
  )

/** undefined: not one of ours, or of a later version. */
const parsePlayEvent = (line: string): PlayEvent | undefined => {
  let said: unknown
  try {
    said = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!isRecord(said)) return undefined
  const { event } = said
  switch (event) {
    case 'start':
      return { kind: 'start', version: text(said.version) }
    case 'play':
    case 'prompt':
      return { kind: event, name: text(said.name) }
    case 'noHosts':
      return { kind: 'noHosts' }
    case 'begin':
      return { kind: 'begin', host: text(said.host), task: text(said.task), id: text(said.id) }
    case 'result':
      return resultOf(said)
    case 'stats':
      return { kind: 'stats', hosts: statsOf(said.hosts) }
    default:
      return undefined
  }
}

/** Resolves when all has been heard. While `take` waits, the play waits. */
export const readPlayEvents = async (
  events: Readable,
  take: (event: PlayEvent) => Promise<void> | void,
): Promise<void> => {
  for await (const line of createInterface({ input: events })) {
    const event = parsePlayEvent(line)
    if (event) await take(event)
  }
}
