// The one place where results of runs are written: one change at a time, each in one transaction, memory after it.

import type { Db } from '../db/index.ts'
import type { Services } from '../services.ts'
import { rowsOfFile, storeFetched } from './fetched-table.ts'
import { finishRun } from './finish-run.ts'
import { nextTurn } from './next-turn.ts'
import { insertOutputs, rewriteOutputs } from './outputs-table.ts'
import { dropTargets, insertHosts, updateEnded, updateStarted } from './results-table.ts'
import { apply, type SealedStage, seal } from './sealed-stage.ts'
import type { Stage } from './stage.ts'
import { storeSteps } from './steps-table.ts'
import { updateRuns, updateSlices } from './table.ts'

type LedgerServices = Pick<Services, 'db' | 'clock' | 'log' | 'activity'>

export type OnCommit = (sealed: SealedStage) => void

export class Ledger {
  readonly #services: LedgerServices
  readonly #onCommit: OnCommit
  #last: Promise<unknown> = Promise.resolve()

  constructor(services: LedgerServices, onCommit: OnCommit) {
    this.#services = services
    this.#onCommit = onCommit
  }

  /** Runs `work` while nobody else changes a run: what it reads in memory stays true until it has committed. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    // Changes that stand in line one behind the other do not keep everybody else from a turn.
    this.#last = result.then(nextTurn, nextTurn)
    return result
  }

  /** Only within `exclusive`. `also` writes what must become true with the stages. */
  async commit(stages: readonly Stage[], also?: (trx: Db) => Promise<void>): Promise<void> {
    const at = this.#services.clock.now()
    const sealed = stages.map(seal)
    await this.#services.db.transaction().execute(async (trx) => {
      await write(trx, sealed, at)
      for (const one of sealed) {
        if (one.stage.isOver() && !one.active.ended) {
          one.run = await finishRun(trx, one, at, this.#services)
        }
      }
      await also?.(trx)
    })
    for (const one of sealed) apply(one)
    for (const one of sealed) this.#onCommit(one)
  }
}

const write = async (trx: Db, sealed: readonly SealedStage[], at: number): Promise<void> => {
  const all = <T>(pick: (one: SealedStage) => readonly T[]): readonly T[] =>
    sealed.length === 1 && sealed[0] ? pick(sealed[0]) : sealed.flatMap(pick)
  await updateStarted(
    trx,
    all((one) => one.started),
  )
  await updateEnded(
    trx,
    all((one) => one.ended),
    { keepTarget: false },
  )
  await updateEnded(
    trx,
    all((one) => one.retriable),
    { keepTarget: true },
  )
  await insertHosts(
    trx,
    all((one) => one.fresh),
  )
  await dropTargets(
    trx,
    all((one) => one.fresh).map(({ run_id, position, attempt }) => ({
      run_id,
      position,
      attempt: attempt - 1,
    })),
  )
  await rewriteOutputs(
    trx,
    all((one) => one.grownChunks),
  )
  await insertOutputs(
    trx,
    all((one) => one.newChunks),
  )
  await storeSteps(
    trx,
    all((one) => one.steps),
  )
  for (const { run, stage } of sealed) {
    for (const piece of stage.files) await storeFetched(trx, rowsOfFile(run.id, piece))
  }
  await updateSlices(
    trx,
    all((one) => one.slices).map(({ id, fence, hosts, remaining }) => ({
      id,
      fence,
      ended_hosts: hosts - remaining,
      ended_at: remaining === 0 ? at : null,
    })),
  )
  await updateRuns(
    trx,
    sealed.map(({ run }) => ({
      id: run.id,
      state: run.state,
      stop_reason: run.stopReason,
      batch: run.batch,
      started_at: run.startedAt,
      changed: run.changed,
      output_bytes: run.outputBytes,
      rev: run.rev,
    })),
  )
}
