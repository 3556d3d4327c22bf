// What controllers say of themselves on the boards of their IDCs.

import type { Json } from '@omserver/core'
import type { Engine } from '@omserver/engine'
import { z } from 'zod'

/** Written by another process, perhaps by another version: what it does not say is filled in. */
const presenceSchema = z.object({
  name: z.string(),
  at: z.number().default(0),
  startedAt: z.number().default(0),
  version: z.string().default(''),
  host: z.string().default(''),
  drivers: z.array(z.string()).default([]),
  slices: z.number().int().default(0),
  inFlight: z.number().int().default(0),
  load: z.number().default(0),
  draining: z.boolean().default(false),
  sealKey: z.string().optional(),
  /** Looked at when it is to be proven who that is. */
  hello: z.unknown().optional(),
  refused: z
    .object({
      count: z.number().int(),
      at: z.number(),
      what: z.string().max(50),
      key: z.string().max(300),
      why: z.string().max(500),
    })
    .optional()
    .catch(undefined),
})
export type Presence = z.output<typeof presenceSchema> & {
  readonly idc: string
  /** It says something in a version of the protocol that is not ours; nothing else is known of it. */
  readonly unreadableVersion?: number
}

const unreadable = z.object({ unreadableVersion: z.number().int() })

const PREFIX = 'controller:'

/** undefined: that says of no controller that it is there. */
export const presenceOf = (idc: string, key: string, value: Json): Presence | undefined => {
  if (!key.startsWith(PREFIX)) return undefined
  const other = unreadable.safeParse(value)
  if (other.success) {
    const nothing = presenceSchema.parse({ name: key.slice(PREFIX.length) })
    return { ...nothing, ...other.data, idc }
  }
  const read = presenceSchema.safeParse(value)
  // Who may write there may do so under his own name only.
  return read.success && key === `${PREFIX}${read.data.name}` ? { ...read.data, idc } : undefined
}

export const presentIn = async (engine: Engine, idc: string): Promise<readonly Presence[]> =>
  [...(await engine.presence.all(idc))].flatMap(([key, value]) => presenceOf(idc, key, value) ?? [])
