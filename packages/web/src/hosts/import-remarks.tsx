// What an import leaves to a person: columns that mean nothing here, variables that are not taken, shared addresses.

import type { ImportPreview } from '@omserver/api'
import { type UnknownChoice, unknownChoices } from '@omserver/core'
import { Segmented } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { Notice } from '../ui/index.ts'
import style from './import-drawer.module.css'

interface ImportRemarksProps {
  readonly preview: ImportPreview
  readonly onChoose: (column: string, choice: UnknownChoice) => void
}

const SHOWN = 8

export const ImportRemarks = ({ preview, onChoose }: ImportRemarksProps) => {
  const { t } = useTexts()
  const { unknown, ignored, shared } = preview
  return (
    <>
      {unknown.length === 0 ? null : (
        <section className={style.unknown} aria-label={t('hosts.unknown.title')}>
          <strong>{t('hosts.unknown.title')}</strong>
          <p className="om-soft">{t('hosts.unknown.help')}</p>
          <ul>
            {unknown.map(({ column, samples, choice }) => (
              <li key={column}>
                <span className="om-breakable">
                  <strong>{column}</strong> <span className="om-soft">{samples.join(', ')}</span>
                </span>
                <Segmented<UnknownChoice>
                  aria-label={t('hosts.unknown.of', { column })}
                  value={choice}
                  options={unknownChoices.map((value) => ({
                    value,
                    label: t(`hosts.unknown.${value}`),
                  }))}
                  onChange={(next) => onChoose(column, next)}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      {shared.length === 0 ? null : (
        <Notice tone="warning" title={t('hosts.shared', { count: shared.length })}>
          <ul className={style.shared}>
            {shared.slice(0, SHOWN).map(({ address, port, names }) => (
              <li key={`${address} ${port}`} className="om-breakable">
                <span className="om-code">
                  {address}:{port}
                </span>{' '}
                {names.join(', ')}
              </li>
            ))}
            {shared.length > SHOWN ? <li>…</li> : null}
          </ul>
        </Notice>
      )}
      {ignored.length === 0 ? null : (
        <p className="om-soft om-breakable">{t('hosts.ignored', { names: ignored.join(', ') })}</p>
      )}
    </>
  )
}
