// How often a command began on each host, counted on the side of the hosts.

import { readdirSync } from 'node:fs'

/** A shell command that leaves a file in `place` each time it begins, named after the host's address; then `then`. */
export const leavesMark = (place: string, then: string): string =>
  `set -- $SSH_CONNECTION; mkdir -p ${place}; : > "$(mktemp ${place}/$3.XXXXXX)"; ${then}`

/** The hosts on which it began; two of one name are two executions. */
export const begunIn = (place: string): readonly string[] => {
  try {
    return readdirSync(place).map((name) => name.replace(/\.[^.]+$/, ''))
  } catch {
    return []
  }
}
