// How the output of a module becomes a table: how a line is cut, and which columns come of it.

import type { CustomInput } from '@omserver/api'
import { Button, Input, Radio, Select } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { Field, NumberField } from '../ui/index.ts'
import type { ProblemSays } from './draft-problems.ts'
import style from './modules.module.css'
import { TwoTexts } from './two-texts.tsx'

type Table = NonNullable<CustomInput['table']>
type Rows = Table['rows']
type Column = Table['columns'][number]

const ways = ['split', 'keyValue', 'match'] as const
const types = ['text', 'number', 'bytes', 'percent', 'seconds', 'time'] as const

const rowsBy = (by: Rows['by']): Rows => {
  switch (by) {
    case 'split':
      return { by }
    case 'keyValue':
      return { by, at: '=' }
    case 'match':
      return { by, pattern: '' }
  }
}

interface TableEditorProps {
  readonly table: Table
  readonly says: ProblemSays
  readonly onChange: (table: Table) => void
}

export const TableEditor = ({ table, says, onChange }: TableEditorProps) => {
  const { t } = useTexts()
  const { columns, rows } = table
  const put = (index: number, column: Column) =>
    onChange({ ...table, columns: columns.map((one, at) => (at === index ? column : one)) })
  return (
    <div className="om-stack">
      <Field label={t('maker.tableBy')} help={t(`maker.tableWayHelp.${rows.by}`)}>
        {(control) => (
          <div>
            <Radio.Group
              {...control}
              aria-label={t('maker.tableBy')}
              value={rows.by}
              options={ways.map((value) => ({ value, label: t(`maker.tableWay.${value}`) }))}
              onChange={({ target }) =>
                onChange({
                  ...table,
                  rows: rowsBy(ways.find((one) => one === target.value) ?? 'split'),
                })
              }
            />
          </div>
        )}
      </Field>
      <RowsEditor
        rows={rows}
        error={says('running', 'at')}
        onChange={(next) => onChange({ ...table, rows: next })}
      />
      <ol className={style.fields} aria-label={t('maker.tableColumns')}>
        {columns.map((column, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: keys change while they are typed; the place is the identity
          <li key={index} className={style.field}>
            <div className={style.two}>
              <Field
                label={t('maker.columnKey')}
                required
                error={says('running', 'key', index)}
                help={rows.by === 'split' ? undefined : t(`maker.columnKeyHelp.${rows.by}`)}
              >
                {(control) => (
                  <Input
                    {...control}
                    className="om-code"
                    maxLength={64}
                    spellCheck={false}
                    autoCapitalize="off"
                    value={column.key}
                    onChange={({ target }) => put(index, { ...column, key: target.value })}
                  />
                )}
              </Field>
              <Field label={t('maker.columnType')}>
                {(control) => (
                  <Select
                    {...control}
                    className={style.full}
                    value={column.type}
                    options={types.map((value) => ({
                      value,
                      label: t(`maker.columnTypes.${value}`),
                    }))}
                    onChange={(type) => put(index, { ...column, type })}
                  />
                )}
              </Field>
            </div>
            <TwoTexts
              labels={{ zh: t('maker.columnIn.zh'), en: t('maker.columnIn.en') }}
              value={column.title}
              onChange={(title) => put(index, { ...column, title })}
            />
            <div className={style.foot}>
              <span className={style.spread} />
              <Button
                size="small"
                danger
                onClick={() =>
                  onChange({ ...table, columns: columns.filter((_, at) => at !== index) })
                }
              >
                {t('maker.removeColumn')}
              </Button>
            </div>
          </li>
        ))}
      </ol>
      {says('running', 'columns') === undefined ? null : (
        <div className="om-danger" role="alert">
          {says('running', 'columns')}
        </div>
      )}
      <div>
        <Button
          disabled={columns.length >= 50}
          onClick={() =>
            onChange({
              ...table,
              columns: [...columns, { key: '', title: { zh: '', en: '' }, type: 'text' }],
            })
          }
        >
          {t('maker.addColumn')}
        </Button>
      </div>
    </div>
  )
}

interface RowsEditorProps {
  readonly rows: Rows
  readonly error: string | undefined
  readonly onChange: (rows: Rows) => void
}

const RowsEditor = ({ rows, error, onChange }: RowsEditorProps) => {
  const { t } = useTexts()
  switch (rows.by) {
    case 'split':
      return (
        <div className={style.two}>
          <Field label={t('maker.tableAt')} help={t('maker.tableAtHelp')}>
            {(control) => (
              <Input
                {...control}
                className="om-code"
                maxLength={10}
                value={rows.at ?? ''}
                onChange={({ target }) =>
                  onChange({ ...rows, at: target.value === '' ? undefined : target.value })
                }
              />
            )}
          </Field>
          <NumberField
            label={t('maker.tableSkip')}
            help={t('maker.tableSkipHelp')}
            min={0}
            max={1000}
            integer
            value={rows.skip}
            onNumber={(skip) => onChange({ ...rows, skip })}
          />
        </div>
      )
    case 'keyValue':
      return (
        <div className={style.two}>
          <Field label={t('maker.tableAt')} required error={error}>
            {(control) => (
              <Input
                {...control}
                className="om-code"
                maxLength={10}
                value={rows.at}
                onChange={({ target }) => onChange({ ...rows, at: target.value })}
              />
            )}
          </Field>
        </div>
      )
    case 'match':
      return (
        <Field label={t('maker.tablePattern')} required error={error}>
          {(control) => (
            <Input
              {...control}
              className="om-code"
              maxLength={1000}
              spellCheck={false}
              value={rows.pattern}
              onChange={({ target }) => onChange({ ...rows, pattern: target.value })}
            />
          )}
        </Field>
      )
  }
}
