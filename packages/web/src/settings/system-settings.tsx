// Settings of the whole installation: how long things are kept, when a launch asks, the usual strategy, sessions.

import { type Settings, settingsRoutes } from '@omserver/api'
import { Modal, Skeleton } from 'antd'
import { useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ApiDocsLink, useMay } from '../session/index.ts'
import {
  ActionButton,
  ErrorNotice,
  NumberField,
  numberProblem,
  toast,
  useUnsaved,
} from '../ui/index.ts'
import style from './settings-page.module.css'

interface NumberSetting {
  readonly key: keyof Settings
  readonly min: number
  readonly max: number
  /** Units of the setting in one unit of the screen. */
  readonly per: number
  readonly unit: 'days' | 'hosts' | 'seconds' | 'hours' | 'megabytes'
}

/** Days that are kept; for ever is more than any number. */
const span = (days: number): number => (days === 0 ? Number.POSITIVE_INFINITY : days)
const deleting = ['runRetentionDays', 'activityRetentionDays'] as const

const shown: readonly NumberSetting[] = [
  { key: 'confirmAbove', min: 1, max: 1_000_000, per: 1, unit: 'hosts' },
  { key: 'defaultConcurrency', min: 1, max: 10_000, per: 1, unit: 'hosts' },
  { key: 'defaultHostTimeoutMs', min: 1, max: 86_400, per: 1000, unit: 'seconds' },
  { key: 'runRetentionDays', min: 0, max: 3650, per: 1, unit: 'days' },
  { key: 'activityRetentionDays', min: 0, max: 3650, per: 1, unit: 'days' },
  { key: 'fileMaxBytes', min: 1, max: 1_000_000, per: 1_000_000, unit: 'megabytes' },
  { key: 'sessionHours', min: 1, max: 720, per: 1, unit: 'hours' },
]

export const SystemSettings = () => {
  const { t } = useTexts()
  const read = useMay('settings.read')
  const write = useMay('settings.write')
  const settings = useAnswer(settingsRoutes.read, {}, { enabled: read.allowed })
  const health = useAnswer(settingsRoutes.health, {}, { every: 30_000 })
  const change = useChange(settingsRoutes.change, ['settings.'])
  /** As typed, in units of the setting; undefined: emptied. */
  const [draft, setDraft] = useState<Partial<Record<keyof Settings, number | undefined>>>({})
  const [asking, setAsking] = useState(false)
  const now = settings.data
  const changed = shown.filter(({ key }) => key in draft && draft[key] !== now?.[key])
  const unsaved = useUnsaved(changed.length > 0, ['tab'])
  if (now === undefined) {
    return settings.error === null ? (
      <Skeleton active title={false} />
    ) : (
      <ErrorNotice error={settings.error} onRetry={() => void settings.refetch()} />
    )
  }
  const screenValue = ({ key, per }: NumberSetting): number | undefined => {
    const value = key in draft ? draft[key] : now[key]
    return value === undefined ? undefined : value / per
  }
  const wrong = shown.filter(
    (setting) =>
      numberProblem(screenValue(setting), { ...setting, integer: true, required: true }) !==
      undefined,
  )
  const shorter = deleting.filter((key) => span(draft[key] ?? now[key]) < span(now[key]))
  const why =
    write.why ??
    (wrong.length > 0
      ? t('settings.wrong', { count: wrong.length })
      : changed.length === 0
        ? t('settings.nothing')
        : undefined)
  const save = () => {
    setAsking(false)
    change.mutate(
      { body: Object.fromEntries(changed.map(({ key }) => [key, draft[key]])) },
      {
        onSuccess: () => {
          setDraft({})
          toast.success(t('settings.saved'))
        },
      },
    )
  }
  return (
    <form
      className={style.system}
      onSubmit={(event) => {
        event.preventDefault()
        if (why !== undefined || change.isPending) return
        if (shorter.length > 0) setAsking(true)
        else save()
      }}
    >
      {health.data === undefined ? null : (
        <p className="om-soft">
          {t('settings.version', { version: health.data.version })}
          {health.data.problems.length > 0 ? (
            <span className="om-danger"> · {health.data.problems.join(' · ')}</span>
          ) : null}
          {' · '}
          <ApiDocsLink />
        </p>
      )}
      {shown.map((setting) => (
        <NumberField
          key={setting.key}
          className={style.narrow}
          label={t(`settings.field.${setting.key}.title`)}
          help={t(`settings.field.${setting.key}.help`)}
          min={setting.min}
          max={setting.max}
          integer
          required
          disabled={!write.allowed}
          suffix={<span className="om-soft">{t(`settings.unit.${setting.unit}`)}</span>}
          value={screenValue(setting)}
          onNumber={(value) =>
            setDraft((old) => ({
              ...old,
              [setting.key]: value === undefined ? undefined : value * setting.per,
            }))
          }
        />
      ))}
      <ErrorNotice error={change.error} />
      <div className="om-row">
        <ActionButton
          type="primary"
          htmlType="submit"
          loading={change.isPending}
          blocked={why}
          inSight
        >
          {t('ui.save')}
        </ActionButton>
      </div>
      {unsaved.question}
      {asking ? (
        <Modal
          open
          width={460}
          title={t('settings.shorter.title')}
          okText={t('settings.shorter.save')}
          okButtonProps={{ danger: true }}
          cancelText={t('ui.cancel')}
          onOk={save}
          onCancel={() => setAsking(false)}
        >
          {shorter.map((key) => (
            <p key={key}>{t(`settings.shorter.${key}`, { count: draft[key] ?? 0 })}</p>
          ))}
          <p>{t('settings.shorter.gone')}</p>
        </Modal>
      ) : null}
    </form>
  )
}
