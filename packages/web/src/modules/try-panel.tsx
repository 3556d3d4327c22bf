// Tries the saved version on one host, before anybody else may use it: form, what will run, and how it went.

import { type CustomInput, type CustomView, hostRoutes, moduleRoutes } from '@omserver/api'
import { Select } from 'antd'
import { useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ErrorNotice, Field, useSettled } from '../ui/index.ts'
import { type FormValues, ModuleForm } from './module-form.tsx'
import style from './modules.module.css'
import { TryResult } from './try-result.tsx'
import { visibleValues } from './visible-fields.ts'

interface TryPanelProps {
  /** undefined: never saved. */
  readonly module: CustomView | undefined
  readonly draft: CustomInput
  readonly version: number
  readonly dirty: boolean
  readonly values: FormValues
  readonly onValues: (values: FormValues) => void
}

export const TryPanel = ({ module, draft, version, dirty, values, onValues }: TryPanelProps) => {
  const { t } = useTexts()
  const write = useMay('module.write')
  const launch = useMay('run.launch')
  const [host, setHost] = useState<string>()
  const hosts = useAnswer(hostRoutes.brief, {}, { staleTime: 60_000 })
  const params = visibleValues(draft.fields as never, values) as Record<string, never>
  const asked = useSettled(JSON.stringify({ module: draft, params }))
  const preview = useAnswer(
    moduleRoutes.previewCustom,
    { body: JSON.parse(asked) as { module: CustomInput } },
    { enabled: write.allowed, keepLast: true, staleTime: 0 },
  )
  const attempt = useChange(moduleRoutes.tryCustom, ['runs.'])
  const problems = preview.data?.problems ?? []
  const blocked =
    write.why ??
    launch.why ??
    (module === undefined || dirty
      ? t('maker.saveFirst')
      : problems.length > 0
        ? t('runs.fixForm', { count: problems.length })
        : host === undefined
          ? t('maker.tryPick')
          : undefined)
  const start = () => {
    if (module === undefined || host === undefined) return
    attempt.mutate({ params: { id: module.id }, body: { version, host, params } })
  }
  const name = hosts.data?.items.find(({ id }) => id === host)?.name
  return (
    <div className={style.sides}>
      <section className={`om-stack ${style.side}`}>
        <p className={style.soft}>{t('maker.tryHelp')}</p>
        <ModuleForm
          fields={draft.fields}
          values={values}
          onChange={onValues}
          problems={Object.keys(values).length > 0 ? problems : []}
          selector=""
        />
        <Field label={t('maker.tryHost')} required>
          {(control) => (
            <Select
              {...control}
              showSearch={{ optionFilterProp: 'label' }}
              className={style.wide}
              loading={hosts.isLoading}
              value={host ?? null}
              placeholder={t('maker.tryPick')}
              options={(hosts.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
              onChange={(next: string | null) => setHost(next ?? undefined)}
            />
          )}
        </Field>
        <ErrorNotice error={attempt.error} />
        <div>
          <ActionButton
            type="primary"
            blocked={blocked}
            loading={attempt.isPending}
            onClick={start}
          >
            {name === undefined ? t('maker.tryOnHost') : t('maker.tryOn', { version, host: name })}
          </ActionButton>
          {blocked === undefined ? null : <p className={style.soft}>{blocked}</p>}
        </div>
      </section>
      <section className={`${style.side} ${style.sticky}`} aria-live="polite">
        {attempt.data === undefined ? null : (
          <TryResult key={attempt.data.run} run={attempt.data.run} host={attempt.data.host} />
        )}
        <h2 className={style.category}>{t('maker.tryRuns')}</h2>
        <ErrorNotice error={preview.error} />
        {preview.error === null && preview.data?.preview != null ? (
          <pre className={style.diff} tabIndex={0}>
            {preview.data.preview}
          </pre>
        ) : (
          <p className={style.soft}>{t('maker.tryFill')}</p>
        )}
      </section>
    </div>
  )
}
