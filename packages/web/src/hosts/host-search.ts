// What the address of the hosts page says: filters, order of the tree, ticked hosts, the open drawer.

import * as z from 'zod/mini'
import { maybe, maybeText } from '../address.ts'

const text = maybeText(6000)

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
  open: maybe(z.enum(['add', 'import', 'groups', 'labels', 'remove'])),
  /** Of an import: pasted, not a file. */
  way: maybe(z.enum(['file', 'list'])),
})
export type HostSearch = z.output<typeof hostSearch>
