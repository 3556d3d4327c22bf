// How a try went: the end of its one host and what it printed.

import { runRoutes } from '@omserver/api'
import { endMessage, isEnd, stripTerminal } from '@omserver/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { ErrorNotice } from '../ui/index.ts'
import style from './modules.module.css'

const EVERY_MS = 700
const SHOWN_BYTES = 65_536

export const TryResult = ({ run, host }: { readonly run: string; readonly host: string }) => {
  const { t, say } = useTexts()
  const [ended, setEnded] = useState(false)
  const results = useAnswer(
    runRoutes.results,
    { params: { id: run }, query: { limit: 1 } },
    ended ? {} : { every: EVERY_MS },
  )
  const row = results.data?.items[0]
  useEffect(() => {
    if (row !== undefined && isEnd(row.state)) setEnded(true)
  }, [row])
  const output = useAnswer(
    runRoutes.output,
    { params: { id: run, hostId: host }, query: { bytes: SHOWN_BYTES } },
    { enabled: ended },
  )
  const text = output.data?.pieces.map((piece) => piece.text).join('') ?? ''
  return (
    <article className={`om-card ${style.tried}`}>
      <div className="om-row">
        {row === undefined ? null : <HostStatusMark state={row.state} />}
        {row?.exit == null ? null : <span>{t('runs.exit', { exit: row.exit })}</span>}
        <Link to="/runs/$id" params={{ id: run }}>
          {t('maker.tryOpen')}
        </Link>
      </div>
      {row?.message == null || row.state === 'ok' ? null : (
        <p className="om-danger">{say(endMessage(row.message))}</p>
      )}
      <ErrorNotice error={results.error ?? output.error} />
      {text === '' ? null : (
        <section aria-label={t('maker.tryOutput')}>
          <pre className={style.diff} tabIndex={0}>
            {stripTerminal(text)}
          </pre>
        </section>
      )}
      {output.data?.next == null ? null : <p className={style.soft}>{t('maker.tryCut')}</p>}
    </article>
  )
}
