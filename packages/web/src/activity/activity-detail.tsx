// One entry in full: when exactly, on which hosts, and what changed from what to what.

import type { ActivityView } from '@omserver/api'
import { useTexts } from '../i18n/index.ts'
import style from './activity-page.module.css'
import { useActivityWords } from './activity-words.ts'
import { valueDiff } from './value-diff.ts'

export const ActivityDetail = ({ entry }: { readonly entry: ActivityView }) => {
  const { t, exactTime } = useTexts()
  const words = useActivityWords()
  const rows = valueDiff(entry.before, entry.after)
  return (
    <div className={style.detail}>
      <div className={style.facts}>
        <span>{exactTime(entry.at)}</span>
        <code>{entry.what}</code>
        <span className="om-soft">
          {t('activity.via')} {words.via(entry) ?? words.who(entry)}
        </span>
        <span className="om-soft">
          {t('activity.id')} <code>{entry.id}</code>
        </span>
      </div>
      {entry.hosts.length > 0 ? (
        <div className={style.names}>
          {entry.hosts.join(' ')}
          {entry.hostCount > entry.hosts.length
            ? ` … ${t('hosts.andMore', { count: entry.hostCount - entry.hosts.length })}`
            : ''}
        </div>
      ) : null}
      {rows.length > 0 ? (
        <table className={style.diff}>
          <thead>
            <tr>
              <th scope="col">{t('activity.field')}</th>
              <th scope="col">{t('activity.before')}</th>
              <th scope="col">{t('activity.after')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ field, before, after }) => (
              <tr key={field}>
                <td title={field}>{words.field(field)}</td>
                <td className={before === undefined ? undefined : style.before}>
                  {before === undefined ? '–' : words.value(field, before)}
                </td>
                <td className={after === undefined ? undefined : style.after}>
                  {after === undefined ? '–' : words.value(field, after)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <span className="om-soft">{t('activity.noChange')}</span>
      )}
    </div>
  )
}
