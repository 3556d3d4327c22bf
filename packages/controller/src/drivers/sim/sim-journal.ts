// What the hosts of a simulated fleet write down of themselves, for whoever wants to count without asking OMServer.

import { openSync, writeSync } from 'node:fs'

/**
 * `starting`: `host.started` is about to be written; nothing has been sent. `begun`: the command runs, first thing
 * in it. `ended`: it has ended, before anybody has been told.
 */
type SimMoment = 'starting' | 'begun' | 'ended'

export type SimJournal = (moment: SimMoment, at: { runId: string; host: string }) => void

export const noJournal: SimJournal = () => undefined

/** One JSON line each, in the file when the call returns: a process that is killed afterwards takes none back. */
export const simJournal = (file: string): SimJournal => {
  const journal = openSync(file, 'a', 0o600)
  return (moment, { runId, host }) => {
    writeSync(journal, `${JSON.stringify({ moment, runId, host, pid: process.pid })}\n`)
  }
}
