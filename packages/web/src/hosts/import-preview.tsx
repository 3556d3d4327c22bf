// What an import would do: the counts, what is wrong and in which line, and every row that changes something.

import type { ImportPreview } from '@omserver/api'
import { useTexts } from '../i18n/index.ts'
import { LabelTags, type VirtualColumn, VirtualTable } from '../ui/index.ts'
import { fieldName } from './field-name.ts'
import style from './import-drawer.module.css'

type Row = ImportPreview['rows'][number]

export const ImportPreviewTable = ({ preview }: { readonly preview: ImportPreview }) => {
  const { t, say, number } = useTexts()
  const said = ({ field, from, to }: Row['changes'][number]) =>
    `${fieldName(t, field)}: ${from || '–'} → ${to || '–'}`
  const columns: readonly VirtualColumn<Row>[] = [
    { key: 'line', title: t('hosts.line'), track: '52px', render: ({ line }) => line },
    {
      key: 'what',
      title: t('hosts.willBe'),
      track: '64px',
      render: ({ what }) => (
        <span className={what === 'same' ? 'om-faint' : style[what]}>
          {t(`hosts.what.${what}`)}
        </span>
      ),
    },
    {
      key: 'name',
      title: t('hosts.column.name'),
      track: 'minmax(110px, 1fr)',
      render: ({ name }) => name,
    },
    {
      key: 'address',
      title: t('hosts.column.address'),
      track: 'minmax(110px, 1fr)',
      render: ({ address, port }) => (
        <span className="om-code">
          {address}
          {port === 22 ? '' : `:${port}`}
        </span>
      ),
    },
    {
      key: 'detail',
      title: t('hosts.details'),
      track: 'minmax(220px, 2fr)',
      render: ({ changes, labels }) =>
        changes.length === 0 ? (
          <LabelTags labels={labels} most={4} />
        ) : (
          <span title={changes.map(said).join('\n')}>{changes.map(said).join('; ')}</span>
        ),
    },
  ]
  const total = preview.add + preview.update + preview.same
  return (
    <>
      <div className={style.counts} aria-live="polite">
        <span className={style.add}>
          <strong>{number(preview.add)}</strong>
          {t('hosts.what.add')}
        </span>
        <span className={style.update}>
          <strong>{number(preview.update)}</strong>
          {t('hosts.what.update')}
        </span>
        <span className="om-soft">
          <strong>{number(preview.same)}</strong>
          {t('hosts.what.same')}
        </span>
        <span className={preview.problems.length > 0 ? 'om-danger' : 'om-soft'}>
          <strong>{number(preview.problems.length)}</strong>
          {t('hosts.problems')}
        </span>
      </div>
      {preview.problems.length > 0 ? (
        <ul className={style.problems} aria-label={t('hosts.problems')}>
          {preview.problems.slice(0, 200).map((problem, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: problems have no identity and never move
            <li key={index}>
              <span className={style.line}>
                {problem.column === null
                  ? t('hosts.lineNumber', { line: problem.line })
                  : t('hosts.lineColumn', { line: problem.line, column: problem.column })}
              </span>
              <span className="om-breakable">{say(problem.message)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {preview.rows.length === 0 ? null : (
        <>
          <div className={style.preview}>
            <VirtualTable
              label={t('hosts.importTitle')}
              columns={columns}
              rows={preview.rows}
              rowKey={({ line, name }) => `${line} ${name}`}
            />
          </div>
          {total > preview.rows.length ? (
            <p className="om-soft">
              {t('hosts.previewCut', { shown: preview.rows.length, count: total })}
            </p>
          ) : null}
        </>
      )}
    </>
  )
}
