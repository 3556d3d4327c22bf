// What will run and where, before it runs: the exact text, the hosts by IDC, the batches.

import type { LaunchPreview } from '@omserver/api'
import { Alert, Spin } from 'antd'
import { errorMessage } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useIdcs } from './idcs.ts'
import style from './runs.module.css'

/** So many are named without being asked for. */
const FEW = 10
/** A list nobody reads to its end; what is beyond is counted. */
const MOST = 500

interface Props {
  readonly preview: LaunchPreview | undefined
  readonly error: Error | null
  readonly loading: boolean
  /** Somebody asked for it; else only that it holds is worth a line. */
  readonly detachAsked: boolean
}

export const LaunchPreviewPanel = ({ preview, error, loading, detachAsked }: Props) => {
  const { t, number, lang } = useTexts()
  const { nameOf } = useIdcs()
  return (
    <section className={style.card} aria-live="polite">
      <h2>
        {t('runs.previewTitle')} {loading && <Spin size="small" />}
      </h2>
      {error !== null && <Alert type="error" title={errorMessage(error, lang).text} />}
      {preview === undefined && error === null && (
        <p className={style.soft}>{t('runs.previewEmpty')}</p>
      )}
      {preview !== undefined && (
        <>
          <p className={style.bigFigure}>
            {t('runs.hosts', { count: preview.total, hosts: number(preview.total) })}
          </p>
          {preview.total > 0 && preview.total <= FEW && <Hosts preview={preview} />}
          <p className={style.facts}>
            {preview.idcs.map((idc) => (
              <span key={idc.idc}>
                {nameOf(idc.idc)} {number(idc.hosts)}
              </span>
            ))}
          </p>
          {preview.batches.length > 1 && (
            <p className={style.facts}>
              {t('runs.batchCount', {
                count: preview.batches.length,
                sizes: preview.batches.slice(0, 12).join(', '),
              })}
            </p>
          )}
          <Detachment {...preview.detached} asked={detachAsked} />
          {preview.unknown.length > 0 && (
            <Alert
              type="error"
              title={t('runs.unknownNames', { names: preview.unknown.slice(0, 20).join(', ') })}
            />
          )}
          {preview.preview !== null && (
            <>
              <h3>{t('runs.whatRuns')}</h3>
              <pre className={style.output} tabIndex={0}>
                {preview.preview}
              </pre>
            </>
          )}
          {preview.total > FEW && (
            <details>
              <summary>
                {t('runs.whereRuns', { count: preview.total, hosts: number(preview.total) })}
              </summary>
              <Hosts preview={preview} />
            </details>
          )}
        </>
      )}
    </section>
  )
}

const Detachment = ({
  detached,
  because,
  asked,
}: LaunchPreview['detached'] & { readonly asked: boolean }) => {
  const { t } = useTexts()
  if (detached) return <p className={style.soft}>{t('runs.detachedWill')}</p>
  if (because === undefined || !asked) return null
  const why = {
    steps: t('runs.attachedSteps'),
    file: t('runs.attachedFile'),
    tool: t('runs.attachedTool'),
    disconnect: t('runs.attachedDisconnect'),
    check: t('runs.attachedCheck'),
  }[because]
  return <p className={style.soft}>{t('runs.attachedBecause', { why })}</p>
}

const Hosts = ({ preview }: { readonly preview: LaunchPreview }) => {
  const { t, number } = useTexts()
  const { nameOf } = useIdcs()
  return (
    <>
      <ul className={style.previewHosts}>
        {preview.hosts.slice(0, MOST).map((host) => (
          <li key={host.id}>
            <span className={style.rowName}>{host.name}</span>
            <span className={style.rowAddress}>{host.address}</span>
            <span className={style.soft}>{nameOf(host.idc)}</span>
          </li>
        ))}
      </ul>
      {preview.total > MOST && (
        <p className={style.soft}>{t('runs.andMore', { hosts: number(preview.total - MOST) })}</p>
      )}
    </>
  )
}
