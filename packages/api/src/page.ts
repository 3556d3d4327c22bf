// Keyset paging: a cursor in, a page and the next cursor out. Never an offset.

import { z } from 'zod'

export const pageQuery = z.strictObject({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() })

export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}
