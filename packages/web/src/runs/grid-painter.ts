// Paints the cells of a host grid: all of them when the picture changes, else only those whose host has changed.

import type { HostResultView } from '@omserver/api'
import type { HostState } from '@omserver/core'
import { fonts, hostStatus, palette, shapes, type Theme } from '../tokens.ts'
import { cellAt, type GridLayout, isSameGrid } from './host-grid-layout.ts'

export interface GridPicture {
  readonly layout: GridLayout
  /** CSS pixels. */
  readonly width: number
  readonly theme: Theme
  /** Hosts outside of the filter stay in the picture, faintly; undefined: there is none. */
  readonly isShown: ((row: HostResultView) => boolean) | undefined
  readonly number: (value: number) => string
  readonly nameOf: (idc: string) => string
}

const FAINT = 0.15
/** From this size on shapes can be told apart. */
const LEAST_SHAPE = 9

let outlines: ReadonlyMap<string, Path2D> | undefined
const outlineOf = (state: HostState): Path2D | undefined => {
  outlines ??= new Map(Object.entries(shapes).map(([name, path]) => [name, new Path2D(path)]))
  return outlines.get(hostStatus[state].shape)
}

interface SmallCell {
  /** Of the side of the cell. */
  readonly part: number
  readonly alpha: number
}

/**
 * A cell too small for a shape. Without any colour, who is not ok still stands out of a field of pale squares (3:1 and
 * more, in both themes: grid-painter.test.ts), and who waits is a dot.
 */
export const smallCell = (state: HostState): SmallCell => {
  if (state === 'ok') return { part: 1, alpha: 0.36 }
  return state === 'queued' ? { part: 0.5, alpha: 0.5 } : { part: 1, alpha: 1 }
}

export const gapOf = (cell: number): number => (cell > 6 ? 2 : cell > 3 ? 1 : 0)

const WHOLE: SmallCell = { part: 1, alpha: 1 }

/** What a cell shows: it is painted again only when that becomes another. */
const looksOf = (state: HostState, shown: boolean): string => `${state}${shown ? '' : ' faint'}`

/** A painter for one canvas. It remembers what it has painted. Returns how many cells it painted. */
export const gridPainter = (canvas: HTMLCanvasElement) => {
  let last: GridPicture | undefined
  let painted: readonly HostResultView[] = []
  let looks: string[] = []

  return (picture: GridPicture, rows: readonly HostResultView[]): number => {
    const pen = canvas.getContext('2d')
    if (pen === null || picture.width === 0) return 0
    const { layout, theme, isShown } = picture
    const whole = last === undefined || !isSame(last, picture)
    if (whole) {
      clear(canvas, pen, picture)
      looks = []
      painted = []
    }
    const size = layout.cell - gapOf(layout.cell)
    let count = 0
    for (const group of layout.groups) {
      for (let nth = 0; nth < group.count; nth += 1) {
        const index = layout.sequence[group.first + nth] ?? -1
        const row = rows[index]
        // The comparison is all that 50,000 quiet hosts cost a frame: 0.2 ms.
        if (row === undefined || row === painted[index]) continue
        const shown = isShown === undefined || isShown(row)
        const look = looksOf(row.state, shown)
        if (look === looks[index]) continue
        looks[index] = look
        const { x, y } = cellAt(layout, group, nth)
        if (!whole) pen.clearRect(x, y, layout.cell, layout.cell)
        const outline = size >= LEAST_SHAPE ? outlineOf(row.state) : undefined
        const { part, alpha } = outline === undefined ? smallCell(row.state) : WHOLE
        pen.globalAlpha = shown ? alpha : alpha * FAINT
        pen.fillStyle = hostStatus[row.state][theme]
        if (outline === undefined) {
          const side = size * part
          pen.fillRect(x + (size - side) / 2, y + (size - side) / 2, side, side)
        } else {
          pen.save()
          pen.translate(x, y)
          pen.scale(size / 16, size / 16)
          pen.fill(outline, 'evenodd')
          pen.restore()
        }
        count += 1
      }
    }
    last = picture
    painted = rows
    return count
  }
}

const isSame = (a: GridPicture, b: GridPicture): boolean =>
  isSameGrid(a.layout, b.layout) &&
  a.width === b.width &&
  a.theme === b.theme &&
  a.isShown === b.isShown &&
  a.number === b.number &&
  a.nameOf === b.nameOf

const clear = (
  canvas: HTMLCanvasElement,
  pen: CanvasRenderingContext2D,
  { layout, width, theme, number, nameOf }: GridPicture,
): void => {
  const scale = window.devicePixelRatio || 1
  canvas.width = width * scale
  canvas.height = layout.height * scale
  pen.setTransform(scale, 0, 0, scale, 0, 0)
  pen.clearRect(0, 0, width, layout.height)
  pen.textBaseline = 'top'
  pen.font = `600 12px ${fonts.text}`
  pen.fillStyle = palette[theme].textSoft
  for (const group of layout.groups) {
    pen.fillText(`${nameOf(group.idc)}  ${number(group.count)}`, 0, group.top + 2)
  }
}
