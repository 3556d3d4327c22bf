// Labels as rows of name and value, with the names and values the fleet already uses at hand.

import { hostRoutes } from '@omserver/api'
import { AutoComplete, Button } from 'antd'
import { useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import style from './labels-editor.module.css'

interface LabelsEditorProps {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly value: Readonly<Record<string, string>>
  readonly onChange: (labels: Readonly<Record<string, string>>) => void
}

type Rows = readonly (readonly [number, string, string])[]

const usual = ['idc', 'business', 'app', 'env']

const rowsOf = (labels: Readonly<Record<string, string>>): Rows => {
  const entries = Object.entries(labels)
  return (entries.length === 0 ? [['idc', '']] : entries).map(
    ([name = '', value = ''], index) => [index, name, value] as const,
  )
}

export const LabelsEditor = ({ id, value, onChange, ...described }: LabelsEditorProps) => {
  const { t } = useTexts()
  const known = useAnswer(hostRoutes.labels, {}).data?.items ?? []
  const [rows, setRows] = useState(() => rowsOf(value))
  const change = (next: Rows) => {
    setRows(next)
    onChange(
      Object.fromEntries(
        next
          .filter(([, name, text]) => name.trim() !== '' && text !== '')
          .map(([, name, text]) => [name.trim(), text]),
      ),
    )
  }
  const names = [...new Set([...known.map(({ name }) => name), ...usual])]
    .filter((name) => !rows.some(([, used]) => used === name))
    .map((name) => ({ value: name }))
  return (
    <div className={style.rows}>
      {rows.map(([key, name, text], index) => (
        <div key={key} className={style.row}>
          <AutoComplete
            {...(index === 0 ? { id, ...described } : {})}
            aria-label={t('hosts.labelName')}
            placeholder={t('hosts.labelName')}
            value={name}
            options={names}
            onChange={(next: string) =>
              change(rows.map((row) => (row[0] === key ? [key, next, text] : row)))
            }
          />
          <AutoComplete
            aria-label={t('hosts.labelValue')}
            placeholder={t('hosts.labelValue')}
            value={text}
            options={(known.find((each) => each.name === name)?.values ?? []).map((each) => ({
              value: each.value,
            }))}
            onChange={(next: string) =>
              change(rows.map((row) => (row[0] === key ? [key, name, next] : row)))
            }
          />
          <Button
            type="text"
            aria-label={t('hosts.labelDrop', { name })}
            onClick={() => change(rows.filter((row) => row[0] !== key))}
          >
            ×
          </Button>
        </div>
      ))}
      <div>
        <Button
          size="small"
          onClick={() =>
            setRows([
              ...rows,
              [
                Math.max(-1, ...rows.map(([key]) => key)) + 1,
                usual.find((each) => !rows.some(([, used]) => used === each)) ?? '',
                '',
              ],
            ])
          }
        >
          {t('hosts.labelMore')}
        </Button>
      </div>
    </div>
  )
}
