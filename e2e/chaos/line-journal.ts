// What real hosts say of themselves: a line that the command itself appends, first and last thing it does.

import { readFileSync } from 'node:fs'
import type { HostJournal, HostMoments } from './host-journal.ts'

/** A shell command that appends `begun ADDRESS`, does its work, and appends `ended ADDRESS`. */
export const noting = (file: string, work: string): string =>
  `set -- $SSH_CONNECTION; echo "begun $3" >> ${file}; ${work}; echo "ended $3" >> ${file}; echo done`

/** For one run: a new file for each. @param hostOf by address */
export const lineJournal = (
  file: () => string,
  hostOf: (address: string) => string,
): HostJournal => {
  const read = (): ReadonlyMap<string, HostMoments> => {
    let text = ''
    try {
      text = readFileSync(file(), 'utf8')
    } catch {
      // Nobody has begun.
    }
    const lines = text.split('\n').flatMap((line) => {
      const [moment, address] = line.split(' ')
      return address ? [{ moment, host: hostOf(address) }] : []
    })
    return new Map(
      [...Map.groupBy(lines, ({ host }) => host)].map(([host, own]) => {
        const of = (wanted: string) => own.filter(({ moment }) => moment === wanted).map(() => 0)
        return [host, { starting: of('begun'), begun: of('begun'), ended: of('ended') }]
      }),
    )
  }
  return {
    knowsStarting: false,
    of: read,
    ended: () => [...read().values()].filter(({ ended }) => ended.length > 0).length,
  }
}
