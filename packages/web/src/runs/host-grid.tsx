// The picture of a run: one cell a host, grouped by IDC, on a canvas, so that 50,000 hosts cost one DOM node.

import type { HostResultView, RunView } from '@omserver/api'
import { endMessage } from '@omserver/core'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { type GridPicture, gapOf, gridPainter } from './grid-painter.ts'
import style from './host-grid.module.css'
import { hostAt, layOutGrid, placeOf } from './host-grid-layout.ts'
import { useIdcs } from './idcs.ts'
import { useDarkScreen } from './use-dark-screen.ts'

/** px; below it nobody hits the cell that is meant. */
const LEAST_TOUCH = 11

interface Props {
  /** In an order that does not change; hosts are only added at the end. */
  readonly rows: readonly HostResultView[]
  /** How many there are in each IDC, those that are still being read included. */
  readonly idcs: RunView['idcs']
  /** Hosts outside of the filter stay in the picture, faintly. */
  readonly isShown: ((row: HostResultView) => boolean) | undefined
  readonly openIndex: number
  readonly onOpen: (hostId: string) => void
}

/** The frame around one cell: an element above the canvas, so that pointing paints nothing anew. */
const Ring = ({
  at,
  cell,
}: {
  readonly at: { readonly x: number; readonly y: number } | undefined
  readonly cell: number
}) => {
  if (at === undefined) return null
  const size = cell - gapOf(cell) + 4
  return (
    <span
      className={style.ring}
      style={{ width: size, height: size, transform: `translate(${at.x - 2}px, ${at.y - 2}px)` }}
    />
  )
}

export const HostGrid = ({ rows, idcs, isShown, openIndex, onOpen }: Props) => {
  const { t, number, say } = useTexts()
  const { nameOf } = useIdcs()
  const theme = useDarkScreen() ? 'dark' : 'light'
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const painter = useRef<ReturnType<typeof gridPainter>>(undefined)
  const [width, setWidth] = useState(0)
  const [cursor, setCursor] = useState<number>()

  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry?.contentRect.width ?? 0)),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: where a host stands does not change with its state
  const layout = useMemo(() => layOutGrid(rows, width, idcs), [rows.length, width, idcs])
  const picture = useMemo<GridPicture>(
    () => ({ layout, width, theme, isShown, number, nameOf }),
    [layout, width, theme, isShown, number, nameOf],
  )
  useLayoutEffect(() => {
    if (canvas.current === null) return
    painter.current ??= gridPainter(canvas.current)
    painter.current(picture, rows)
  }, [picture, rows])

  const indexOf = (event: React.MouseEvent) => {
    const bounds = canvas.current?.getBoundingClientRect()
    if (bounds === undefined) return undefined
    return hostAt(layout, event.clientX - bounds.left, event.clientY - bounds.top)
  }
  const move = (by: number) => {
    const at = cursor === undefined ? -1 : (layout.slots[cursor] ?? -1)
    const next = Math.min(layout.sequence.length - 1, Math.max(0, at + by))
    const index = layout.sequence[next]
    if (index !== undefined && index >= 0) setCursor(index)
  }
  const pointed = cursor === undefined ? undefined : rows[cursor]

  return (
    <div ref={box} className={style.grid}>
      <div className={style.picture}>
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the canvas is a widget of its own, moved in by arrow keys */}
        <canvas
          ref={canvas}
          style={{ width, height: layout.height }}
          tabIndex={0}
          role="application"
          aria-busy={rows.length < layout.sequence.length}
          aria-label={t('runs.gridLabel', { count: layout.sequence.length })}
          onMouseMove={(event) => setCursor(indexOf(event))}
          onMouseLeave={() => setCursor(undefined)}
          onClick={(event) => {
            const index = indexOf(event)
            const row = index === undefined ? undefined : rows[index]
            if (row !== undefined) onOpen(row.hostId)
          }}
          onKeyDown={(event) => {
            const steps: Readonly<Record<string, number>> = {
              ArrowRight: 1,
              ArrowLeft: -1,
              ArrowDown: layout.columns,
              ArrowUp: -layout.columns,
            }
            const by = steps[event.key]
            if (by !== undefined) {
              event.preventDefault()
              move(by)
            } else if (event.key === 'Enter' && pointed !== undefined) onOpen(pointed.hostId)
          }}
        />
        <Ring at={placeOf(layout, openIndex)} cell={layout.cell} />
        <Ring at={cursor === undefined ? undefined : placeOf(layout, cursor)} cell={layout.cell} />
      </div>
      <p className={style.pointed} aria-live="polite">
        {pointed === undefined
          ? t(layout.cell < LEAST_TOUCH ? 'runs.gridHintSmall' : 'runs.gridHint')
          : `${pointed.name} · ${pointed.address} · ${t(`status.host.${pointed.state}`)}${pointed.message ? ` · ${say(endMessage(pointed.message))}` : ''}`}
      </p>
    </div>
  )
}
