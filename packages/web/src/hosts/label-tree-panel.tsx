// The tree at the left: choose which labels make it, open and close branches, pick a node as the filter.

import { CaretRightOutlined, EditOutlined } from '@ant-design/icons'
import { Button, Popover } from 'antd'
import { type KeyboardEvent, lazy, Suspense, useMemo, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { useLabelWord } from '../ui/index.ts'
import type { BriefHost } from './fleet.ts'
import { type LabelNode, labelTree, pathText } from './label-tree.ts'
import style from './label-tree-panel.module.css'

const TreeOrder = lazy(async () => ({ default: (await import('./tree-order.tsx')).TreeOrder }))

interface LabelTreePanelProps {
  readonly hosts: readonly BriefHost[]
  readonly order: readonly string[]
  readonly path: readonly string[]
  readonly onOrder: (order: readonly string[]) => void
  readonly onPath: (path: readonly string[]) => void
}

interface Row {
  readonly key: string
  readonly node: LabelNode
  readonly level: number
}

const rowsOf = (
  nodes: readonly LabelNode[],
  isOpen: (key: string) => boolean,
  level = 0,
): readonly Row[] =>
  nodes.flatMap((node) => {
    const key = pathText(node.path)
    const row = { key, node, level }
    return isOpen(key) ? [row, ...rowsOf(node.children, isOpen, level + 1)] : [row]
  })

const labelNamesOf = (hosts: readonly BriefHost[]): readonly string[] => {
  const names = new Set<string>()
  for (const { labels } of hosts) for (const name of Object.keys(labels)) names.add(name)
  return [...names].sort()
}

export const LabelTreePanel = (props: LabelTreePanelProps) => {
  const { hosts, order, path, onOrder, onPath } = props
  const { t, number } = useTexts()
  const wordOf = useLabelWord()
  const tree = useMemo(() => labelTree(hosts, order), [hosts, order])
  const names = useMemo(() => labelNamesOf(hosts), [hosts])
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const here = pathText(path)
  // With few values at the top, the first level stands open.
  const openAtStart = tree.length <= 4
  const isOpen = (key: string): boolean => {
    const leads = here === key || here.startsWith(`${key}/`)
    const byDefault = leads || (openAtStart && !key.includes('/'))
    return turned.has(key) ? !byDefault : byDefault
  }
  const turn = (key: string) =>
    setTurned((old) => {
      const next = new Set(old)
      if (!next.delete(key)) next.add(key)
      return next
    })
  const rows = rowsOf(tree, isOpen)
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=treeitem]')]
    const at = items.indexOf(document.activeElement as HTMLElement)
    const row = rows[at - 1] // the first item is “all hosts”
    const focus = (index: number) => items[Math.max(0, Math.min(index, items.length - 1))]?.focus()
    switch (event.key) {
      case 'ArrowDown':
        focus(at + 1)
        break
      case 'ArrowUp':
        focus(at - 1)
        break
      case 'Home':
        focus(0)
        break
      case 'End':
        focus(items.length - 1)
        break
      case 'ArrowRight':
        if (row === undefined || row.node.children.length === 0) return
        if (isOpen(row.key)) focus(at + 1)
        else turn(row.key)
        break
      case 'ArrowLeft':
        if (row === undefined) return
        if (isOpen(row.key) && row.node.children.length > 0) turn(row.key)
        else focus(rows.findIndex(({ key }) => key === pathText(row.node.path.slice(0, -1))) + 1)
        break
      case 'Enter':
      case ' ':
        onPath(row === undefined ? [] : row.node.path)
        break
      default:
        return
    }
    event.preventDefault()
  }
  return (
    <div className={style.panel}>
      <Popover
        trigger="click"
        placement="bottomLeft"
        title={t('hosts.treeBy')}
        content={
          <div className={style.chooser}>
            <p className="om-soft">{t('hosts.treeByHelp')}</p>
            <Suspense>
              <TreeOrder names={names} order={order} onOrder={onOrder} />
            </Suspense>
          </div>
        }
      >
        <Button type="text" size="small" className={style.orderButton}>
          <span className="om-unseen">{t('hosts.treeBy')}</span>
          <span className={style.orderText} title={order.join(' › ')}>
            {order.length === 0 ? t('hosts.treeBy') : order.map(wordOf).join(' › ')}
          </span>
          <EditOutlined />
        </Button>
      </Popover>
      <div
        role="tree"
        aria-label={t('hosts.tree')}
        className={style.tree}
        onKeyDown={onKey}
        tabIndex={-1}
      >
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tree as a whole takes the keys */}
        <div
          role="treeitem"
          aria-selected={path.length === 0}
          aria-level={1}
          tabIndex={path.length === 0 ? 0 : -1}
          className={path.length === 0 ? `${style.row} ${style.here}` : style.row}
          onClick={() => onPath([])}
        >
          <span className={style.turn} />
          <span className={style.name}>{t('hosts.all')}</span>
          <span className={style.count}>{number(hosts.length)}</span>
        </div>
        {rows.map(({ key, node, level }) => {
          const label = order[level] ?? ''
          const selected = key === here && path.length > 0
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree as a whole takes the keys
            <div
              key={key}
              role="treeitem"
              aria-level={level + 1}
              aria-selected={selected}
              aria-expanded={node.children.length > 0 ? isOpen(key) : undefined}
              tabIndex={selected ? 0 : -1}
              className={selected ? `${style.row} ${style.here}` : style.row}
              style={{ paddingInlineStart: 4 + level * 14 }}
              title={node.value === '' ? undefined : `${label}=${node.value}`}
              onClick={() => onPath(node.path)}
            >
              <span
                className={style.turn}
                aria-hidden="true"
                onClick={(event) => {
                  event.stopPropagation()
                  if (node.children.length > 0) turn(key)
                }}
              >
                {node.children.length > 0 ? (
                  <CaretRightOutlined rotate={isOpen(key) ? 90 : 0} />
                ) : null}
              </span>
              <span className={node.value === '' ? `${style.name} om-faint` : style.name}>
                {node.value === '' ? t('hosts.without', { label: wordOf(label) }) : node.value}
              </span>
              <span className={style.count}>{number(node.hosts)}</span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
