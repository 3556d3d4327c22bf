// The picture of a run: one cell a host, grouped by IDC, on a canvas, so that 50,000 hosts cost one DOM node.

import type { HostResultView } from '@omserver/api'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { fonts, hostStatus, palette, shapes } from '../tokens.ts'
import { cellAt, hostAt, layOutGrid } from './host-grid-layout.ts'
import style from './runs.module.css'
import { useDarkScreen } from './use-dark-screen.ts'

interface Props {
  readonly rows: readonly HostResultView[]
  /** Hosts outside of the filter stay in the picture, faintly. */
  readonly isShown: (row: HostResultView) => boolean
  readonly openHostId: string | undefined
  readonly onOpen: (hostId: string) => void
}

export const HostGrid = ({ rows, isShown, openHostId, onOpen }: Props) => {
  const { t, number } = useTexts()
  const dark = useDarkScreen()
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
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

  const layout = useMemo(() => layOutGrid(rows, width), [rows, width])

  useEffect(() => {
    const element = canvas.current
    const pen = element?.getContext('2d')
    if (!element || !pen || width === 0) return
    const scale = window.devicePixelRatio || 1
    element.width = width * scale
    element.height = layout.height * scale
    pen.setTransform(scale, 0, 0, scale, 0, 0)
    pen.clearRect(0, 0, width, layout.height)
    const theme = dark ? palette.dark : palette.light
    const gap = layout.cell > 6 ? 2 : layout.cell > 3 ? 1 : 0
    const size = layout.cell - gap
    // Shapes can be told apart from 9 px on; smaller cells are plain squares of the state's colour.
    const outlines = new Map(Object.entries(shapes).map(([name, path]) => [name, new Path2D(path)]))
    pen.textBaseline = 'top'
    for (const group of layout.groups) {
      pen.globalAlpha = 1
      pen.font = `600 12px ${fonts.text}`
      pen.fillStyle = theme.textSoft
      pen.fillText(`${group.idc}  ${number(group.count)}`, 0, group.top + 2)
      for (let nth = 0; nth < group.count; nth += 1) {
        const index = layout.sequence[group.first + nth]
        const row = index === undefined ? undefined : rows[index]
        if (row === undefined) continue
        const { x, y } = cellAt(layout, group, nth)
        const token = hostStatus[row.state]
        pen.globalAlpha = isShown(row) ? 1 : 0.15
        pen.fillStyle = dark ? token.dark : token.light
        const outline = outlines.get(token.shape)
        if (size >= 9 && outline !== undefined) {
          pen.save()
          pen.translate(x, y)
          pen.scale(size / 16, size / 16)
          pen.fill(outline, 'evenodd')
          pen.restore()
        } else pen.fillRect(x, y, size, size)
        if (row.hostId === openHostId || index === cursor) {
          pen.globalAlpha = 1
          pen.strokeStyle = theme.accent
          pen.lineWidth = 2
          pen.strokeRect(x - 1, y - 1, size + 2, size + 2)
        }
      }
    }
  }, [layout, rows, isShown, dark, width, openHostId, cursor, number])

  const indexOf = (event: React.MouseEvent) => {
    const bounds = canvas.current?.getBoundingClientRect()
    if (bounds === undefined) return undefined
    return hostAt(layout, event.clientX - bounds.left, event.clientY - bounds.top)
  }
  const move = (by: number) => {
    const at = cursor === undefined ? -1 : layout.sequence.indexOf(cursor)
    const next = Math.min(layout.sequence.length - 1, Math.max(0, at + by))
    setCursor(layout.sequence[next])
  }
  const pointed = cursor === undefined ? undefined : rows[cursor]

  return (
    <div ref={box} className={style.grid}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the canvas is a widget of its own, moved in by arrow keys */}
      <canvas
        ref={canvas}
        style={{ width, height: layout.height }}
        tabIndex={0}
        role="application"
        aria-label={t('runs.gridLabel', { count: rows.length })}
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
      <p className={style.pointed} aria-live="polite">
        {pointed === undefined
          ? t('runs.gridHint')
          : `${pointed.name} · ${pointed.address} · ${t(`status.host.${pointed.state}`)}${pointed.message ? ` · ${pointed.message}` : ''}`}
      </p>
    </div>
  )
}
