// Settings of the whole installation: how long things are kept, when a launch asks, the usual strategy, sessions.

import { type Settings, settingsRoutes } from '@omserver/api'
import { InputNumber, Skeleton } from 'antd'
import { useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ErrorNotice, Field, toast } from '../ui/index.ts'
import style from './settings-page.module.css'

interface NumberSetting {
  readonly key: keyof Settings
  readonly min: number
  readonly max: number
  /** Units of the setting in one unit of the screen. */
  readonly per: number
  readonly unit: 'days' | 'hosts' | 'seconds' | 'hours'
}

const shown: readonly NumberSetting[] = [
  { key: 'confirmAbove', min: 1, max: 1_000_000, per: 1, unit: 'hosts' },
  { key: 'defaultConcurrency', min: 1, max: 10_000, per: 1, unit: 'hosts' },
  { key: 'defaultHostTimeoutMs', min: 1, max: 86_400, per: 1000, unit: 'seconds' },
  { key: 'runRetentionDays', min: 0, max: 3650, per: 1, unit: 'days' },
  { key: 'activityRetentionDays', min: 0, max: 3650, per: 1, unit: 'days' },
  { key: 'sessionHours', min: 1, max: 720, per: 1, unit: 'hours' },
]

export const SystemSettings = () => {
  const { t } = useTexts()
  const read = useMay('settings.read')
  const write = useMay('settings.write')
  const settings = useAnswer(settingsRoutes.read, {}, { enabled: read.allowed })
  const health = useAnswer(settingsRoutes.health, {}, { every: 30_000 })
  const change = useChange(settingsRoutes.change, ['settings.'])
  const [draft, setDraft] = useState<Partial<Settings>>({})
  const now = settings.data
  if (now === undefined) {
    return settings.error === null ? (
      <Skeleton active title={false} />
    ) : (
      <ErrorNotice error={settings.error} onRetry={() => void settings.refetch()} />
    )
  }
  const changed = Object.entries(draft).filter(
    ([key, value]) => now[key as keyof Settings] !== value,
  )
  const nothing = changed.length === 0 ? t('settings.nothing') : undefined
  return (
    <form
      className={style.system}
      onSubmit={(event) => {
        event.preventDefault()
        if (!write.allowed || changed.length === 0) return
        change.mutate(
          { body: Object.fromEntries(changed) },
          {
            onSuccess: () => {
              setDraft({})
              toast.success(t('settings.saved'))
            },
          },
        )
      }}
    >
      {health.data === undefined ? null : (
        <p className="om-soft">
          {t('settings.version', { version: health.data.version })}
          {health.data.problems.length > 0 ? (
            <span className="om-danger"> · {health.data.problems.join(' · ')}</span>
          ) : null}
          {' · '}
          <a href="/api/docs" target="_blank" rel="noreferrer">
            {t('settings.apiDocs')}
          </a>
        </p>
      )}
      {shown.map(({ key, min, max, per, unit }) => (
        <Field
          key={key}
          label={t(`settings.field.${key}.title`)}
          help={t(`settings.field.${key}.help`)}
        >
          {(control) => (
            <InputNumber
              {...control}
              className={style.narrow}
              min={min}
              max={max}
              precision={0}
              disabled={!write.allowed}
              suffix={t(`settings.unit.${unit}`)}
              value={(draft[key] ?? now[key]) / per}
              onChange={(value) => {
                if (value !== null) setDraft((old) => ({ ...old, [key]: value * per }))
              }}
            />
          )}
        </Field>
      ))}
      <ErrorNotice error={change.error} />
      <div className="om-row">
        <ActionButton
          type="primary"
          htmlType="submit"
          loading={change.isPending}
          blocked={write.why ?? nothing}
        >
          {t('ui.save')}
        </ActionButton>
      </div>
    </form>
  )
}
