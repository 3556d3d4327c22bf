// What hosts say of themselves: which command began and ended on them, counted where it runs and nowhere else.

import { closeSync, openSync, readSync } from 'node:fs'

export interface HostMoments {
  /** By whom, pids: `host.started` was about to be written. */
  readonly starting: readonly number[]
  readonly begun: readonly number[]
  readonly ended: readonly number[]
}

interface Line {
  readonly moment: keyof HostMoments
  readonly runId: string
  readonly host: string
  readonly pid: number
}

export interface HostJournal {
  /** Whether it has the moment before anything is sent. */
  readonly knowsStarting: boolean
  /** By name of host, as of now. */
  of(runId: string): ReadonlyMap<string, HostMoments>
  /** Hosts on which it has ended. */
  ended(runId: string): number
}

/** @param file of OM_SIM_JOURNAL; it need not be there yet */
export const openJournal = (file: string): HostJournal => {
  const runs = new Map<
    string,
    Map<string, { starting: number[]; begun: number[]; ended: number[] }>
  >()
  const bytes = Buffer.alloc(1024 * 1024)
  let at = 0
  let rest = ''

  const take = (text: string): void => {
    const { moment, runId, host, pid }: Line = JSON.parse(text)
    const hosts = runs.get(runId) ?? new Map()
    runs.set(runId, hosts)
    const moments = hosts.get(host) ?? { starting: [], begun: [], ended: [] }
    hosts.set(host, moments)
    moments[moment].push(pid)
  }

  const read = (): void => {
    let descriptor: number
    try {
      descriptor = openSync(file, 'r')
    } catch {
      return
    }
    for (;;) {
      const count = readSync(descriptor, bytes, 0, bytes.length, at)
      if (count === 0) break
      at += count
      const lines = (rest + bytes.toString('utf8', 0, count)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    }
    closeSync(descriptor)
  }

  return {
    knowsStarting: true,
    of: (runId) => {
      read()
      return runs.get(runId) ?? new Map()
    },
    ended: (runId) => {
      read()
      return [...(runs.get(runId)?.values() ?? [])].filter((one) => one.ended.length > 0).length
    },
  }
}
