// Anything a module threw, as a Problem the client may see.

import { Problem } from '@omserver/core'

export const moduleThrew = (module: string, error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem('MODULE_THREW', {
        module,
        message: error instanceof Error ? error.message : String(error),
      })
