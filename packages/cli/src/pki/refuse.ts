// How everything about certificates says no: in both languages, as a matter of usage.

import { z } from 'zod'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'

export const refusal = (zh: string, en: string): ExitError =>
  new ExitError(EXIT_USAGE, say({ zh, en }))

export const reasonOf = (error: unknown): string => {
  if (error instanceof z.ZodError) return z.prettifyError(error)
  if (!(error instanceof Error)) return String(error)
  return (error as NodeJS.ErrnoException).code ?? error.message
}
