// What must be true after whatever happened. Everything that is not is named, with its hosts.

import type { ChaosRun } from './chaos-run.ts'
import type { Installation } from './installation.ts'
import { hasEnded, storedHosts, storedOutputs } from './stored.ts'

export interface Reckoning {
  /** Empty: all is as it must be. */
  readonly wrong: readonly string[]
  readonly ok: number
  readonly lost: number
  /** Most that `lost` may be. */
  readonly inFlight: number
  readonly executions: number
}

const some = (hosts: readonly string[]): string =>
  `${hosts.length} (${hosts.slice(0, 5).join(', ')}${hosts.length > 5 ? ' …' : ''})`

export const reckon = async (
  at: Installation,
  under: ChaosRun,
  hosts: number,
): Promise<Reckoning> => {
  const { runId, run, snapshots, work } = under
  const [stored, outputs] = [
    await storedHosts(at.query, runId),
    await storedOutputs(at.query, runId),
  ]
  const journal = at.journal.of(runId)
  const wrong: string[] = []
  const blame = (what: string, culprits: readonly string[]): void => {
    if (culprits.length > 0) wrong.push(`${what}: ${some(culprits)}`)
  }
  const names = [...stored.keys()]
  const where = (is: (host: string) => boolean): readonly string[] => names.filter(is)
  const stateOf = (host: string): string => stored.get(host)?.state ?? ''
  const executions = (host: string): number => journal.get(host)?.begun.length ?? 0

  if (names.length !== hosts) wrong.push(`${names.length} rows for ${hosts} hosts`)
  blame(
    'without an end',
    where((host) => !['ok', 'lost'].includes(stateOf(host))),
  )
  const counted = Object.entries(run.counts).filter(([, count]) => count > 0)
  for (const [state, count] of counted) {
    const rows = where((host) => stateOf(host) === state).length
    if (rows !== count) wrong.push(`${count} counted as ${state}, ${rows} stored`)
  }
  const sum = counted.reduce((total, [, count]) => total + count, 0)
  if (sum !== hosts || run.total !== hosts) wrong.push(`counts of ${sum} for ${hosts} hosts`)

  blame(
    'executed twice',
    where((host) => executions(host) > 1),
  )
  blame(
    'ok without having run',
    where((host) => stateOf(host) === 'ok' && executions(host) !== 1),
  )
  blame(
    'attempted twice',
    where((host) => stored.get(host)?.attempt !== 1),
  )

  for (const { fault, stored: before } of snapshots) {
    blame(
      `changed its end after: ${fault.name}`,
      where((host) => {
        const [then, now] = [before.get(host), stored.get(host)]
        return then !== undefined && hasEnded(then) && JSON.stringify(then) !== JSON.stringify(now)
      }),
    )
  }
  const inFlight = new Set(snapshots.flatMap((one) => [...one.inFlight]))
  const lost = where((host) => stateOf(host) === 'lost')
  blame(
    'lost without having been in flight',
    lost.filter((host) => !inFlight.has(host)),
  )

  blame(
    'with another output than its own, once',
    where((host) => {
      const [row, kept] = [stored.get(host), outputs.get(host)?.bytes.toString() ?? '']
      const whole = work.outputOf(host)
      if (row?.outputBytes !== Buffer.byteLength(kept)) return true
      return row.state === 'ok' ? kept !== whole : !whole.startsWith(kept)
    }),
  )
  return {
    wrong,
    ok: where((host) => stateOf(host) === 'ok').length,
    lost: lost.length,
    inFlight: inFlight.size,
    executions: names.reduce((total, host) => total + executions(host), 0),
  }
}
