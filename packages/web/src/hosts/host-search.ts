// What the address of the hosts page says: filters, order of the tree, ticked hosts, the open drawer.

import { z } from 'zod'

const text = z.string().max(6000).optional().catch(undefined)

export const hostSearch = z.object({
  /** Words. */
  q: text,
  /** Selector. */
  sel: text,
  /** Node of the tree: `sz/mall`. */
  in: text,
  /** Labels that make the tree, comma-separated; absent: the person's usual order. */
  by: text,
  /** Ticked hosts, as a selector. */
  picked: text,
  /** Column, `-` in front for descending. */
  sort: text,
  open: z.enum(['add', 'import', 'groups', 'labels', 'remove']).optional().catch(undefined),
})
export type HostSearch = z.output<typeof hostSearch>
