// Schemas for values of `core` that cross the wire everywhere.

import { z } from 'zod'

export const textSchema = z.strictObject({ zh: z.string(), en: z.string() })
export const idSchema = z.string().min(1).max(64)
export const labelsSchema = z.record(z.string().min(1).max(64), z.string().max(256))
export const selectorSchema = z.string().max(100_000)
/** What whoever reads a selector may find wrong with it. */
export const selectorErrors = [
  'SELECTOR_SYNTAX',
  'SELECTOR_MIXED',
  'SELECTOR_RANGE',
  'SELECTOR_LENGTH',
  'SELECTOR_TOO_LARGE',
  'GROUP_UNKNOWN',
  'GROUP_CYCLE',
] as const
/** Milliseconds since 1970, UTC. */
export const timeSchema = z.number().int()
export const okSchema = z.object({ ok: z.literal(true) })
