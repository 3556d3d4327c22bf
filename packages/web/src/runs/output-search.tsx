// Search in the outputs of all hosts of a run: which hosts, how often, and the line it stands in.

import { runRoutes } from '@omserver/api'
import { Spin } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import style from './runs.module.css'
import { SearchLine } from './search-line.tsx'

export const OutputSearch = ({
  runId,
  text,
  onText,
  onOpen,
}: {
  readonly runId: string
  readonly text: string
  readonly onText: (text: string) => void
  readonly onOpen: (hostId: string) => void
}) => {
  const { t, number } = useTexts()
  const found = useAnswer(
    runRoutes.search,
    { params: { id: runId }, query: { text } },
    { enabled: text !== '', staleTime: 0 },
  )
  return (
    <div data-page-search>
      <SearchLine label={t('runs.searchOutput')} text={text} onText={onText} />
      {text !== '' && found.isFetching && <Spin className={style.waiting} />}
      {found.data !== undefined && text !== '' && (
        <>
          <p className={style.soft} aria-live="polite">
            {t('runs.searchFound', {
              hosts: number(found.data.totalHosts),
              hits: number(found.data.totalHits),
            })}
            {found.data.more ? ` ${t('runs.searchMore')}` : ''}
          </p>
          <ul className={style.hits}>
            {found.data.hosts.map((hit) => (
              <li key={hit.hostId} data-row>
                <button type="button" className={style.hit} onClick={() => onOpen(hit.hostId)}>
                  <strong>{hit.name}</strong>
                  <span className={style.soft}>×{number(hit.hits)}</span>
                  <code>{hit.line}</code>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
