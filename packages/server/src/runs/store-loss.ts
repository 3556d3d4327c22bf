// The engine has lost its store: what had been handed out in it may have run. The controllers that held it say whom
// they never began: those are offered again, as are hosts that nobody can have taken. Hosts whose commands go on by
// themselves are attached to; the others end `lost`. Nothing is guessed.

import { type HostEnd, isEnd } from '@omserver/core'
import type { Services } from '../services.ts'
import type { ActiveRun } from './active-run.ts'
import { askUnbegun } from './ask-unbegun.ts'
import { goesOn } from './detached-hosts.ts'
import type { Ledger } from './ledger.ts'
import { nextTurn } from './next-turn.ts'
import { Stage } from './stage.ts'
import { closeSlices } from './table.ts'

const CHUNK = 1_000

const lost: HostEnd = { state: 'lost', reason: 'storeLost', leftRunning: 'unknown' }

interface LossParts {
  readonly services: Services
  readonly ledger: Ledger
  /** Who may have taken what was offered in the IDC. */
  readonly controllersOf: (idc: string) => Promise<readonly string[]>
}

/** Before anything of the new log is read. Resolves when it is stored what became of the hosts. */
export const endWhatStoreHeld = async (
  idc: string,
  runs: Iterable<ActiveRun>,
  parts: LossParts,
): Promise<void> => {
  for (const active of runs) {
    const own = [...active.slices.values()].filter((slice) => slice.idc === idc)
    if (own.length > 0) await endSlicesOf(active, idc, new Set(own.map(({ id }) => id)), parts)
  }
}

const endSlicesOf = async (
  active: ActiveRun,
  idc: string,
  slices: Set<string>,
  { services, ledger, controllersOf }: LossParts,
): Promise<void> => {
  const { engine, clock, log } = services
  // On their way when it happened: they are in the new store by then, or in doubt.
  await Promise.all([...slices].map((id) => active.offers.get(id)))
  // Offered into the new store before the loss was noticed, and taken by nobody.
  const untaken = new Set(await engine.queue.withdraw(idc, [...slices]))
  const controllers = await controllersOf(idc)
  const unbegun = await askUnbegun(
    idc,
    [...slices].filter((id) => !untaken.has(id)),
    { engine, clock, controllers },
  )
  for (const id of unbegun.held) {
    slices.delete(id)
    const slice = active.slices.get(id)
    // Places in the new log begin anew.
    if (slice) active.slices.set(id, { ...slice, fence: 0, since: 0 })
  }
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
        const isFree =
          untaken.has(row.slice_id) ||
          (row.state === 'queued' && unbegun.of.get(row.slice_id)?.has(row.host_id))
        if (isFree || goesOn(active.run, row)) active.hosts[position] = { ...row, slice_id: null }
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
    await closeSlices(services.db, [...slices], clock.now())
    active.resumeDue = true
    active.offerAnew = true
    for (const id of slices) {
      active.slices.delete(id)
      active.toOfferAgain.delete(id)
    }
  })
  log.error(
    { run: active.id, idc, slices: slices.size, lost: ended, going: unbegun.held.size },
    'slices were lost with the store of the engine',
  )
}
