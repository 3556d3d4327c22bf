// Hosts that gave the same answer, folded together: ten thousand outputs as a handful.

import type { AnswerClusterView, runRoutes } from '@omserver/api'
import { type AnswerMask, isEnd } from '@omserver/core'
import type { z } from 'zod'
import type { HostRow } from './host-row.ts'
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

interface Kept {
  readonly rev: number
  until: number
  readonly answers: Promise<Answers>
}

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
    const key = `${runId} ${query.limit} ${query.hostIds}`
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
    const silent = new Map<string, HostRow[]>()
    let waiting = 0
    for await (const rows of this.#reader.lastAttempts(runId)) {
      for (const row of rows) {
        if (!isEnd(row.state)) waiting++
        else if (row.answer === null) add(silent, `${row.state} ${row.reason}`, row)
        else add(clusters, `${row.state} ${row.answer}`, row)
      }
    }
    const largest = bySize(clusters)
    const shown: AnswerClusterView[] = []
    for (const rows of worthShowing(largest, query.limit)) {
      const view = await this.#cluster(rows, query.hostIds)
      if (view) shown.push(view)
    }
    return {
      clusters: shown,
      mask: [...mask],
      more: Math.max(0, largest.length - query.limit),
      silent: bySize(silent).map((rows) => ({
        state: rows[0]?.state ?? 'lost',
        reason: rows[0]?.reason ?? null,
        hosts: rows.length,
        names: rows.slice(0, NAMES).map(({ name }) => name),
        message: rows.find(({ message }) => message !== null)?.message ?? null,
      })),
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
      sample: {
        hostId: first.host_id,
        name: first.name,
        address: first.address,
        output: plainText(bytes, encoding),
        truncated: bytes.length < first.output_bytes,
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

/** At most `limit` of them, in their order: the majority, then those that went wrong, then the others. */
const worthShowing = (
  largest: readonly HostRow[][],
  limit: number,
): readonly (readonly HostRow[])[] => {
  const [majority, ...others] = largest
  const isOk = (rows: readonly HostRow[]) => rows[0]?.state === 'ok'
  const shown = new Set(
    [majority, ...others.filter((rows) => !isOk(rows)), ...others.filter(isOk)].slice(0, limit),
  )
  return largest.filter((rows) => shown.has(rows))
}

const bySize = (groups: ReadonlyMap<string, HostRow[]>): readonly HostRow[][] =>
  [...groups.values()].sort((a, b) => b.length - a.length)
