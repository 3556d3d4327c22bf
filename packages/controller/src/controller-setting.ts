// What the IDCs of one controller share.

import type { Clock, DriverName } from '@omserver/core'
import type { After, ControllerPresence, Engine, Idc, SignedJson } from '@omserver/engine'
import type { ControllerLog } from './controller-log.ts'
import type { DirectDesk } from './direct/direct-desk.ts'
import type { Driver } from './driver.ts'
import type { FairQueue } from './fair-queue.ts'
import type { FlushTicker } from './flush-ticker.ts'
import type { OutputBudgets } from './output-budget.ts'
import type { OutputRoom } from './output-room.ts'

export interface ControllerSetting {
  readonly engine: Engine
  readonly name: string
  readonly drivers: ReadonlyMap<DriverName, Driver>
  readonly clock: Clock
  readonly after: After
  readonly log: ControllerLog
  readonly queue: FairQueue
  readonly ticker: FlushTicker
  readonly room: OutputRoom
  readonly budgets: OutputBudgets
  readonly count: { started: number; ended: number; outputBytes: number }
  /** How many more slices are taken now. */
  readonly slots: () => number
  /** One was taken. */
  readonly took: () => void
  /** What is said of it on the presence board, beside what changes. */
  readonly about: Pick<ControllerPresence, 'version' | 'host' | 'startedAt' | 'sealKey'>
  /** Shows its certificate; absent: it has none. */
  readonly introduce?: (idc: Idc) => Promise<SignedJson>
  /** Where clients of the IDC come; absent: nobody begins runs there. */
  readonly direct?: Pick<DirectDesk, 'enter'>
  /** What it would not take for the server's word. */
  readonly refused: () => ControllerPresence['refused']
  /** One-minute load average, per processor. */
  readonly load: () => number
}
