// One row of the error table.

import type { Text } from '@omserver/core'

export interface ErrorEntry {
  /** HTTP status. */
  readonly status: number
  /** `{name}` is filled from the details of the problem. */
  readonly text: Text
}

export const entry = (status: number, zh: string, en: string): ErrorEntry => ({
  status,
  text: { zh, en },
})
