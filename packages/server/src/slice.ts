// What every slice of the server hands to the composition.

import type { Handler } from './http/index.ts'

export interface Slice<Service> {
  readonly service: Service
  readonly handlers: readonly Handler[]
  /** After every slice exists and before the first request. */
  start?(): Promise<void>
  /** Before the engine and the database close. */
  stop?(): Promise<void>
}
