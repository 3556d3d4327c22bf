// A target as it is stored with its host until that has ended.

import type { TargetHost } from '@omserver/core'

export const parseTarget = (stored: { readonly target: string | null }): TargetHost => {
  if (stored.target === null) throw new Error('the target of a host that has not ended is gone')
  return JSON.parse(stored.target) as TargetHost
}
