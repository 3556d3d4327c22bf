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
  /** Indices into the given hosts, in drawing order. */
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

/** `width` in CSS pixels. The largest cell with which all fits into the height there is, else the smallest. */
export const layOutGrid = (
  hosts: readonly { readonly idc: string }[],
  width: number,
): GridLayout => {
  const byIdc = new Map<string, number[]>()
  hosts.forEach((host, index) => {
    const members = byIdc.get(host.idc)
    if (members === undefined) byIdc.set(host.idc, [index])
    else members.push(index)
  })
  const names = [...byIdc.keys()].sort()
  const heightWith = (cell: number) => {
    const columns = Math.max(1, Math.floor(width / cell))
    return names.reduce(
      (sum, name) =>
        sum + TITLE_HEIGHT + Math.ceil((byIdc.get(name)?.length ?? 0) / columns) * cell + GROUP_GAP,
      0,
    )
  }
  const room = width < NARROW ? MAX_HEIGHT_NARROW : MAX_HEIGHT
  const cell = CELLS.find((size) => heightWith(size) <= room) ?? 3
  const columns = Math.max(1, Math.floor(width / cell))
  const sequence: number[] = []
  const groups: GridGroup[] = []
  let top = 0
  for (const idc of names) {
    const members = byIdc.get(idc) ?? []
    const rows = Math.ceil(members.length / columns)
    groups.push({ idc, top, rows, first: sequence.length, count: members.length })
    for (const index of members) sequence.push(index)
    top += TITLE_HEIGHT + rows * cell + GROUP_GAP
  }
  const slots: number[] = new Array(sequence.length)
  sequence.forEach((index, slot) => {
    slots[index] = slot
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
  return layout.sequence[group.first + nth]
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

/** Top left corner of the nth cell of the sequence. */
export const cellAt = (
  layout: GridLayout,
  group: GridGroup,
  nth: number,
): { x: number; y: number } => ({
  x: (nth % layout.columns) * layout.cell,
  y: group.top + TITLE_HEIGHT + Math.floor(nth / layout.columns) * layout.cell,
})
