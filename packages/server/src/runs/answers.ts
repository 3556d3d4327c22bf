// Hosts that gave the same answer, folded together: ten thousand outputs as a handful.

import type { AnswerClusterView, runRoutes } from '@omserver/api'
import { type AnswerMask, isEnd, normaliseAnswer } from '@omserver/core'
import type { z } from 'zod'
import { type HostRow, viewOfHost } from './host-row.ts'
import { chunksOfHost } from './outputs-table.ts'
import type { RunReader } from './read.ts'
import { plainText } from './whole-output.ts'

export type AnswersQuery = z.output<(typeof runRoutes)['answers']['query']>
export type Answers = z.input<(typeof runRoutes)['answers']['answer']>

const NAMES = 200
const SAMPLE_BYTES = 64 * 1024
const KEPT_ANSWERS = 20
/** A run that changes all the time is not folded anew for every reader: for this many times as long as it took. */
const FRESH_FOR = 5
/** Messages that are told apart within one reason: what hosts say must not become ten thousand groups. */
const MESSAGES = 20

interface Kept {
  readonly rev: number
  until: number
  readonly answers: Promise<Answers>
}

type SilentGroup = Answers['silent'][number]

/** Hosts without an answer: by how they ended, and by what was said of it as far as hosts with the same cause share it. */
const silentGroups = () => {
  const causes = new Map<string, Map<string, HostRow[]>>()
  const shared = new Map<string, string>()
  const saidBy = ({ message, name, address }: HostRow): string => {
    if (message === null) return ''
    const said = normaliseAnswer(message, { name, address, mask: ['self'] })
    const known = shared.get(said)
    if (known !== undefined) return known
    const text = normaliseAnswer(said, { name: '', address: '', mask: ['time', 'pid'] })
    shared.set(said, text)
    return text
  }
  return {
    add(row: HostRow): void {
      const cause = `${row.state} ${row.reason} ${row.started_at === null} ${row.left_running}`
      const messages = causes.get(cause) ?? new Map<string, HostRow[]>()
      causes.set(cause, messages)
      const said = saidBy(row)
      add(messages, messages.has(said) || messages.size < MESSAGES ? said : REST, row)
    },
    views(): SilentGroup[] {
      return [...causes.values()]
        .flatMap((messages) => [...messages])
        .sort(([, a], [, b]) => b.length - a.length)
        .flatMap(([said, rows]) => {
          const [first] = rows
          if (!first) return []
          const { state, reason, leftRunning, message } = viewOfHost(first)
          const names = rows.slice(0, NAMES).map(({ name }) => name)
          return {
            state,
            reason,
            started: first.started_at !== null,
            leftRunning,
            hosts: rows.length,
            names,
            message: said === REST ? null : message,
          }
        })
    },
  }
}

/** No message is this: they have no control characters. */
const REST = '\0'

export class AnswerReader {
  readonly #reader: RunReader
  readonly #kept = new Map<string, Kept>()

  constructor(reader: RunReader) {
    this.#reader = reader
  }

  async read(runId: string, query: AnswersQuery): Promise<Answers> {
    const run = await this.#reader.record(runId)
    const { rev } = run
    const { clock } = this.#reader.services
    const key = `${runId} ${query.skip} ${query.limit} ${query.hostIds}`
    const known = this.#kept.get(key)
    // The end of a run is what people wait for: never the answers of a moment before.
    const mayBeOlder = !this.#reader.isOver(run)
    if (known && (known.rev === rev || (mayBeOlder && clock.monotonic() < known.until))) {
      return known.answers
    }
    const began = clock.monotonic()
    const kept: Kept = {
      rev,
      until: Number.POSITIVE_INFINITY,
      answers: this.#fold(runId, run.mask, query),
    }
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_ANSWERS && oldest !== undefined) this.#kept.delete(oldest)
    try {
      const answers = await kept.answers
      kept.until = began + (clock.monotonic() - began) * (1 + FRESH_FOR)
      return answers
    } catch (error) {
      this.#kept.delete(key)
      throw error
    }
  }

  async #fold(runId: string, mask: readonly AnswerMask[], query: AnswersQuery): Promise<Answers> {
    const clusters = new Map<string, HostRow[]>()
    const silent = silentGroups()
    let waiting = 0
    for await (const rows of this.#reader.lastAttempts(runId)) {
      for (const row of rows) {
        if (!isEnd(row.state)) waiting++
        else if (row.answer === null) silent.add(row)
        else add(clusters, `${row.state} ${row.answer}`, row)
      }
    }
    const [majority, ...others] = bySize(clusters)
    const inOrder = [
      ...(majority ? [majority] : []),
      ...others.filter(([row]) => row?.state !== 'ok'),
      ...others.filter(([row]) => row?.state === 'ok'),
    ]
    const end = query.skip + query.limit
    const shown: AnswerClusterView[] = []
    for (const rows of inOrder.slice(query.skip, end)) {
      const view = await this.#cluster(rows, query.hostIds)
      if (view) shown.push(view)
    }
    return {
      clusters: shown,
      mask: [...mask],
      more: Math.max(0, inOrder.length - end),
      silent: silent.views(),
      waiting,
    }
  }

  async #cluster(
    rows: readonly HostRow[],
    hostIds: boolean,
  ): Promise<AnswerClusterView | undefined> {
    const [first] = rows
    if (!first?.answer) return undefined
    const key = { runId: first.run_id, hostId: first.host_id, attempt: first.attempt }
    const chunks = await chunksOfHost(this.#reader.services.db, key, 0, 5)
    const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes)).subarray(0, SAMPLE_BYTES)
    const encoding = await this.#reader.encodingOf(first.host_id)
    return {
      answer: first.answer,
      hosts: rows.length,
      exit: first.exit,
      state: first.state,
      reason: first.reason,
      message: first.message,
      changed: viewOfHost(first).changed,
      sample: {
        hostId: first.host_id,
        name: first.name,
        address: first.address,
        output: plainText(bytes, encoding),
        truncated: bytes.length < first.output_bytes,
        outputBytes: first.output_bytes,
      },
      names: rows.slice(0, NAMES).map(({ name }) => name),
      ...(hostIds ? { hostIds: rows.map(({ host_id }) => host_id) } : {}),
    }
  }
}

const add = (groups: Map<string, HostRow[]>, key: string, row: HostRow): void => {
  const group = groups.get(key)
  if (group) group.push(row)
  else groups.set(key, [row])
}

const bySize = (groups: ReadonlyMap<string, HostRow[]>): readonly HostRow[][] =>
  [...groups.values()].sort((a, b) => b.length - a.length)
