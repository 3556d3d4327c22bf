// A run of many hosts is painted once; after that only what changed is.

import type { HostResultView } from '@omserver/api'
import { hostEnds } from '@omserver/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { hostStatus, palette } from '../tokens.ts'
import { type GridPicture, gridPainter, smallCell } from './grid-painter.ts'
import { layOutGrid } from './host-grid-layout.ts'

// What the painter needs of a browser: a pen that counts, in place of a screen.
const pen = {
  cleared: 0,
  setTransform: () => {},
  clearRect: () => {
    pen.cleared += 1
  },
  fillText: () => {},
  fillRect: () => {},
  fill: () => {},
  save: () => {},
  restore: () => {},
  translate: () => {},
  scale: () => {},
}
const canvas = { getContext: () => pen, width: 0, height: 0 } as unknown as HTMLCanvasElement
beforeAll(() => {
  Object.assign(globalThis, { window: { devicePixelRatio: 1 }, Path2D: class {} })
})

const fleet = (hosts: number): HostResultView[] =>
  Array.from({ length: hosts }, (_, index) => ({
    hostId: `h${index}`,
    name: `h${index}`,
    address: '10.0.0.1',
    idc: ['bj', 'sh', 'sz'][index % 3] ?? '',
    batch: 0,
    attempt: 1,
    state: 'queued',
    reason: null,
    message: null,
    exit: null,
    changed: null,
    leftRunning: null,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    outputBytes: 0,
    truncated: false,
    answer: null,
    rev: 1,
  }))
const pictureOf = (rows: readonly HostResultView[], more: Partial<GridPicture> = {}) => ({
  layout: layOutGrid(rows, 1000),
  width: 1000,
  theme: 'light' as const,
  isShown: undefined,
  number: String,
  nameOf: String,
  ...more,
})

test('of 50,000 hosts only those that changed are painted again', () => {
  const rows = fleet(50_000)
  const paint = gridPainter(canvas)
  const picture = pictureOf(rows)
  expect(paint(picture, rows)).toBe(50_000)
  expect(paint(picture, rows.slice())).toBe(0)
  const next = rows.slice()
  for (const index of [3, 17, 49_999]) {
    next[index] = { ...(next[index] as HostResultView), state: 'ok', rev: 2 }
  }
  expect(paint(picture, next)).toBe(3)
  // Another row with the same look, such as one whose output grew, costs no paint.
  const same = next.slice()
  same[3] = { ...(same[3] as HostResultView), outputBytes: 900, rev: 3 }
  expect(paint(picture, same)).toBe(0)
})

test('another size, theme or filter paints all of it', () => {
  const rows = fleet(300)
  const paint = gridPainter(canvas)
  const picture = pictureOf(rows)
  paint(picture, rows)
  expect(paint({ ...picture, theme: 'dark' }, rows)).toBe(300)
  expect(paint({ ...picture, theme: 'dark', isShown: () => false }, rows)).toBe(300)
  expect(paint(pictureOf(rows, { width: 500 }), rows)).toBe(300)
})

test('hosts that are read later are painted into the picture that is there', () => {
  const rows = fleet(900)
  const planned = ['bj', 'sh', 'sz'].map((idc) => ({ idc, hosts: 300 }))
  const paint = gridPainter(canvas)
  const part = rows.slice(0, 200)
  expect(paint(pictureOf(part, { layout: layOutGrid(part, 1000, planned) }), part)).toBe(200)
  expect(paint(pictureOf(rows, { layout: layOutGrid(rows, 1000, planned) }), rows)).toBe(700)
})

describe.each(['light', 'dark'] as const)('in %s, a cell of a few pixels', (theme) => {
  type Rgb = readonly [number, number, number]
  const rgb = (hex: string): Rgb => [
    Number.parseInt(hex.slice(1, 3), 16),
    Number.parseInt(hex.slice(3, 5), 16),
    Number.parseInt(hex.slice(5, 7), 16),
  ]
  const linear = (value: number): number =>
    value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
  const lightness = ([r, g, b]: Rgb): number =>
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  const over = (front: Rgb, back: Rgb, alpha: number): Rgb => {
    const mix = (at: 0 | 1 | 2) => alpha * front[at] + (1 - alpha) * back[at]
    return [mix(0), mix(1), mix(2)]
  }
  const painted = (state: (typeof hostEnds)[number]): number =>
    lightness(over(rgb(hostStatus[state][theme]), rgb(palette[theme].card), smallCell(state).alpha))

  test.each(hostEnds.filter((state) => state !== 'ok'))(
    'that is %s stands out of those that are ok by its lightness alone',
    (state) => {
      const [low = 0, high = 0] = [painted('ok'), painted(state)].sort((a, b) => a - b)
      expect((high + 0.05) / (low + 0.05)).toBeGreaterThanOrEqual(3)
    },
  )
})
