// Tells the steps of hosts to one reader of a run's events: each once on this connection, and none left out.

import { tellsSteps } from '@omserver/core'
import type { HostStepsTable } from '../db/index.ts'
import type { SseEvent } from '../http/index.ts'
import type { HostRow } from './host-row.ts'
import { stepEvent } from './host-step.ts'
import type { LiveEntry } from './sealed-stage.ts'
import { stepsOfHosts } from './steps-table.ts'
import type { Watch } from './watch.ts'

const keyOf = (row: HostRow): string => `${row.host_id}.${row.attempt}`

export class StepReader {
  readonly #watch: Watch
  /** Of a run without steps nothing is asked and nothing is kept. */
  readonly #any: boolean
  /** Place of the last step told, of hosts whose steps this connection has had from the first on. */
  readonly #told = new Map<string, number>()

  constructor(watch: Watch) {
    this.#watch = watch
    this.#any = watch.run.action !== null && tellsSteps(watch.run.action)
  }

  /** The host begins now: all its steps will come as entries. */
  begun(row: HostRow): void {
    if (this.#any && !this.#told.has(keyOf(row))) this.#told.set(keyOf(row), -1)
  }

  follows(row: HostRow): boolean {
    return this.#told.has(keyOf(row))
  }

  /** Entries were missed: what is told next is looked up. */
  forget(): void {
    this.#told.clear()
  }

  /** Of a host that is not followed nothing: what is stored of it is told before its end. */
  *entry({ row, step }: Extract<LiveEntry, { kind: 'step' }>): Generator<SseEvent> {
    if (this.follows(row)) yield* this.#tell(row, [step])
  }

  /** By host and attempt, for `stored`: one statement for all of them. */
  async read(rows: readonly HostRow[]): Promise<ReadonlyMap<string, readonly HostStepsTable[]>> {
    if (!this.#any || rows.length === 0) return new Map()
    const ids = rows.map(({ host_id }) => host_id)
    const steps = await stepsOfHosts(this.#watch.db, this.#watch.run.id, ids)
    return Map.groupBy(steps, (step) => `${step.host_id}.${step.attempt}`)
  }

  /** What is stored of a host and was not told yet; it is followed from here on. */
  async *stored(
    row: HostRow,
    read?: ReadonlyMap<string, readonly HostStepsTable[]>,
  ): AsyncGenerator<SseEvent> {
    if (!this.#any) return
    const steps = (read ?? (await this.read([row]))).get(keyOf(row)) ?? []
    this.begun(row)
    yield* this.#tell(row, steps)
  }

  /** Before the end of a host is told. */
  async *rest(
    row: HostRow,
    read?: ReadonlyMap<string, readonly HostStepsTable[]>,
  ): AsyncGenerator<SseEvent> {
    if (!this.#any) return
    if (!this.follows(row)) yield* this.stored(row, read)
    this.#told.delete(keyOf(row))
  }

  *#tell(row: HostRow, steps: readonly HostStepsTable[]): Generator<SseEvent> {
    for (const step of steps) {
      if (step.step <= (this.#told.get(keyOf(row)) ?? -1)) continue
      this.#told.set(keyOf(row), step.step)
      yield { data: stepEvent(row, step) }
    }
  }
}
