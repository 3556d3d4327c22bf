// The engine has lost its store: what had been handed out in it may have run, and nobody will ever say. Hosts that
// nobody can have taken are offered again, those whose commands go on by themselves are attached to; the others end
// `lost`. Nothing is guessed.

import { type HostEnd, isEnd } from '@omserver/core'
import type { Services } from '../services.ts'
import type { ActiveRun } from './active-run.ts'
import { goesOn } from './detached-hosts.ts'
import type { Ledger } from './ledger.ts'
import { nextTurn } from './next-turn.ts'
import { Stage } from './stage.ts'
import { closeSlices } from './table.ts'

const CHUNK = 1_000

const lost: HostEnd = { state: 'lost', reason: 'storeLost', leftRunning: 'unknown' }

/** Before anything of the new log is read. Resolves when it is stored what became of the hosts. */
export const endWhatStoreHeld = async (
  idc: string,
  runs: Iterable<ActiveRun>,
  parts: { readonly services: Services; readonly ledger: Ledger },
): Promise<void> => {
  for (const active of runs) {
    const slices = new Set(
      [...active.slices.values()].flatMap((one) => (one.idc === idc ? [one.id] : [])),
    )
    if (slices.size > 0) await endSlicesOf(active, idc, slices, parts)
  }
}

const endSlicesOf = async (
  active: ActiveRun,
  idc: string,
  slices: ReadonlySet<string>,
  { services, ledger }: { readonly services: Services; readonly ledger: Ledger },
): Promise<void> => {
  const { engine, clock, log } = services
  // Offered into the new store before the loss was noticed, and taken by nobody.
  const untaken = new Set(await engine.queue.withdraw(idc, [...slices]))
  const positions = active.hosts.flatMap(({ slice_id, position, state }) =>
    slice_id !== null && slices.has(slice_id) && !isEnd(state) ? [position] : [],
  )
  let ended = 0
  for (let from = 0; from < positions.length; from += CHUNK) {
    await ledger.exclusive(async () => {
      const stage = new Stage(active)
      const at = clock.now()
      for (const position of positions.slice(from, from + CHUNK)) {
        const row = stage.row(position)
        if (isEnd(row.state) || row.slice_id === null) continue
        if (untaken.has(row.slice_id) || goesOn(active.run, row))
          active.hosts[position] = { ...row, slice_id: null }
        else {
          stage.end(position, row.fence, lost, { at, outputBytes: active.kept.get(position) })
          ended++
        }
      }
      if (stage.tally.failures > active.failuresAllowed) stage.stopReason ??= 'threshold'
      await ledger.commit([stage])
    })
    await nextTurn()
  }
  await ledger.exclusive(async () => {
    await closeSlices(services.db, [...untaken], clock.now())
    active.resumeDue = true
    for (const id of slices) {
      active.slices.delete(id)
      active.toOfferAgain.delete(id)
    }
  })
  log.error(
    { run: active.id, idc, slices: slices.size, lost: ended },
    'slices were lost with the store of the engine',
  )
}
