// Where each host's cell lies on the canvas: groups by IDC, one square a host, as large as the room allows. Pure.

export interface GridGroup {
  readonly idc: string
  readonly top: number
  readonly rows: number
  /** Index of its first host in the sequence. */
  readonly first: number
  readonly count: number
}

export interface GridLayout {
  readonly cell: number
  readonly columns: number
  readonly height: number
  readonly groups: readonly GridGroup[]
  /** Indices into the given hosts, in drawing order; -1: a host that is not known yet. */
  readonly sequence: readonly number[]
  /** Where each of the given hosts stands in the sequence. */
  readonly slots: readonly number[]
}

const TITLE_HEIGHT = 20
const GROUP_GAP = 8
const MAX_HEIGHT = 360
/** On a phone the answers below must begin on the first screen. */
const MAX_HEIGHT_NARROW = 200
const NARROW = 480
const CELLS = [22, 18, 14, 11, 9, 7, 5, 4, 3] as const
/** The screens of phones are dense enough for it: 50,000 hosts take half the scrolling that 3 would. */
const LEAST_NARROW = 2

interface PlannedIdc {
  readonly idc: string
  readonly hosts: number
}

/**
 * `width` in CSS pixels. The largest cell with which all fits into the height there is, else the smallest.
 * `planned`: how many hosts there will be, so that no cell moves while they are still being read.
 */
export const layOutGrid = (
  hosts: readonly { readonly idc: string }[],
  width: number,
  planned: readonly PlannedIdc[] = [],
): GridLayout => {
  const seen = new Map<string, number>()
  for (const { idc } of hosts) seen.set(idc, (seen.get(idc) ?? 0) + 1)
  const sizes = new Map(planned.map(({ idc, hosts }) => [idc, hosts]))
  for (const [idc, count] of seen) sizes.set(idc, Math.max(count, sizes.get(idc) ?? 0))
  const idcs = [...sizes].sort(([a], [b]) => (a < b ? -1 : 1))
  const heightWith = (cell: number) => {
    const columns = Math.max(1, Math.floor(width / cell))
    return idcs.reduce(
      (sum, [, count]) => sum + TITLE_HEIGHT + Math.ceil(count / columns) * cell + GROUP_GAP,
      0,
    )
  }
  const narrow = width < NARROW
  const room = narrow ? MAX_HEIGHT_NARROW : MAX_HEIGHT
  const cell =
    CELLS.find((size) => heightWith(size) <= room) ?? (narrow ? LEAST_NARROW : (CELLS.at(-1) ?? 3))
  const columns = Math.max(1, Math.floor(width / cell))
  const groups: GridGroup[] = []
  const free = new Map<string, number>()
  let top = 0
  let first = 0
  for (const [idc, count] of idcs) {
    const rows = Math.ceil(count / columns)
    groups.push({ idc, top, rows, first, count })
    free.set(idc, first)
    first += count
    top += TITLE_HEIGHT + rows * cell + GROUP_GAP
  }
  const sequence: number[] = new Array(first).fill(-1)
  const slots = hosts.map(({ idc }, index) => {
    const slot = free.get(idc) ?? 0
    free.set(idc, slot + 1)
    sequence[slot] = index
    return slot
  })
  return { cell, columns, height: Math.max(0, top - GROUP_GAP), groups, sequence, slots }
}

/** The host at a point, as an index into the given hosts. */
export const hostAt = (layout: GridLayout, x: number, y: number): number | undefined => {
  const group = layout.groups.findLast((one) => y >= one.top + TITLE_HEIGHT)
  if (group === undefined) return undefined
  const row = Math.floor((y - group.top - TITLE_HEIGHT) / layout.cell)
  const column = Math.floor(x / layout.cell)
  const nth = row * layout.columns + column
  if (row < 0 || column < 0 || column >= layout.columns || nth >= group.count) return undefined
  const index = layout.sequence[group.first + nth]
  return index === -1 ? undefined : index
}

/** The cell of a host, as an index into the given hosts; undefined when it is not in the layout. */
export const placeOf = (
  layout: GridLayout,
  index: number,
): { readonly x: number; readonly y: number } | undefined => {
  const slot = layout.slots[index]
  if (slot === undefined) return undefined
  const group = layout.groups.findLast(({ first }) => first <= slot)
  return group === undefined ? undefined : cellAt(layout, group, slot - group.first)
}

/** Whether cells that are painted stand where they stood: more hosts may have become known. */
export const isSameGrid = (a: GridLayout, b: GridLayout): boolean =>
  a.cell === b.cell &&
  a.columns === b.columns &&
  a.groups.length === b.groups.length &&
  a.groups.every((group, at) => {
    const other = b.groups[at]
    return other !== undefined && group.idc === other.idc && group.count === other.count
  })

/** Top left corner of the nth cell of the sequence. */
export const cellAt = (
  layout: GridLayout,
  group: GridGroup,
  nth: number,
): { x: number; y: number } => ({
  x: (nth % layout.columns) * layout.cell,
  y: group.top + TITLE_HEIGHT + Math.floor(nth / layout.columns) * layout.cell,
})
