// Where a server listens, and what keeps it from it.

import { Problem } from '@omserver/core'

export const DEFAULT_PORT = 8640

/** Problem('PORT_TAKEN', {host, port}) where that is what it is. */
export const portTrouble = (error: unknown, at: { host: string; port: number }): unknown =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    ? new Problem('PORT_TAKEN', at)
    : error
