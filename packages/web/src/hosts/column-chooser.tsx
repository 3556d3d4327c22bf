// Which columns the table of hosts has: the fixed ones, and any label as a column of its own.

import { TableOutlined } from '@ant-design/icons'
import { Button, Popover, Tooltip } from 'antd'
import { useMemo } from 'react'
import { useTexts } from '../i18n/index.ts'
import { keepPreferences } from '../session/index.ts'
import { Tick, useLabelWord } from '../ui/index.ts'
import { type FixedColumn, fixedColumns } from './host-columns.ts'
import type { HostList } from './use-host-list.ts'

const choosable = fixedColumns.filter((key) => key !== 'name')

export const ColumnChooser = ({ list }: { readonly list: HostList }) => {
  const { t } = useTexts()
  const wordOf = useLabelWord()
  const labels = useMemo(() => {
    const names = new Set<string>()
    for (const host of list.fleet.hosts)
      for (const name of Object.keys(host.labels)) names.add(name)
    return [...names].sort()
  }, [list.fleet.hosts])
  const keys = list.columnKeys
  const turn = (key: string, on: boolean) => {
    const next = on ? [...keys, key] : keys.filter((each) => each !== key)
    // Tags take what is left of the line, so they stay at its end.
    const tags = next.includes('labels') ? ['labels'] : []
    keepPreferences({ hostColumns: [...next.filter((each) => each !== 'labels'), ...tags] })
  }
  const box = (key: string, title: string, label?: string) => (
    // biome-ignore lint/a11y/noLabelWithoutControl: the tick is the control; it is a component
    <label key={key} className="om-row">
      <Tick label={title} checked={keys.includes(key)} onChange={(on) => turn(key, on)} />
      {title}
      {label === undefined || label === title ? null : <code className="om-faint">{label}</code>}
    </label>
  )
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t('hosts.columns')}
      content={
        <div className="om-stack" style={{ gap: 6, maxHeight: '50dvh', overflowY: 'auto' }}>
          {choosable.map((key: FixedColumn) => box(key, t(`hosts.column.${key}`)))}
          {labels.length > 0 ? <span className="om-soft">{t('hosts.labelColumns')}</span> : null}
          {labels.map((label) => box(`label:${label}`, wordOf(label), label))}
          <Button size="small" onClick={() => keepPreferences({ hostColumns: undefined })}>
            {t('hosts.usualColumns')}
          </Button>
        </div>
      }
    >
      <Tooltip title={t('hosts.columns')}>
        <Button icon={<TableOutlined />} aria-label={t('hosts.columns')} />
      </Tooltip>
    </Popover>
  )
}
