// What was refused because nobody proved who wrote it: logged, and said on the presence board.

import type { Clock } from '@omserver/core'
import type { ControllerPresence, Refused } from '@omserver/engine'
import type { ControllerLog } from './controller-log.ts'

export interface Refusals {
  note(refused: Refused): void
  present(): ControllerPresence['refused']
}

export const createRefusals = (clock: Clock, log: ControllerLog): Refusals => {
  let count = 0
  let last: ControllerPresence['refused']
  return {
    note(refused) {
      count++
      last = { count, at: clock.now(), ...refused }
      log.error(refused, 'left aside: it is not proven that a server of our CA wrote it')
    },
    present: () => last,
  }
}
