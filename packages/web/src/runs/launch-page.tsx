// Launch: pick a module and hosts, fill in the form, see exactly what will run and where, run it.

import { type LaunchInput, moduleRoutes, runRoutes, settingsRoutes } from '@omserver/api'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Collapse, Input, Select, Switch } from 'antd'
import { useMemo, useState } from 'react'
import { client, errorMessage, useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ModuleForm, visibleValues } from '../modules/index.ts'
import { useMay } from '../session/index.ts'
import {
  EmptyState,
  ErrorNotice,
  LoadingLines,
  PageHeader,
  toast,
  useDraft,
  useSettled,
} from '../ui/index.ts'
import { HostPicker } from './host-picker.tsx'
import form from './launch.module.css'
import { LaunchGo } from './launch-go.tsx'
import { LaunchPreviewPanel } from './launch-preview.tsx'
import { RunAsForm } from './run-as-form.tsx'
import style from './runs.module.css'
import type { LaunchSearch } from './search.ts'
import { StrategyForm, strategyProblems } from './strategy-form.tsx'
import { useLaunchDraft } from './use-launch-draft.ts'

export const LaunchPage = () => {
  const may = useMay('run.launch')
  const { t } = useTexts()
  if (may.allowed) return <Launch />
  return (
    <>
      <PageHeader title={t('runs.launch')} />
      <EmptyState title={may.why ?? ''} />
    </>
  )
}

const Launch = () => {
  const search = useSearch({ from: '/launch' })
  const navigate = useNavigate({ from: '/launch' })
  const { t, say, lang } = useTexts()
  const modules = useAnswer(moduleRoutes.list, {}, { staleTime: 5000 })
  const settings = useAnswer(settingsRoutes.read, {}, { staleTime: 60_000 })
  const before = useAnswer(
    runRoutes.show,
    { params: { id: search.from ?? '' } },
    { enabled: search.from !== undefined },
  )
  const [launching, setLaunching] = useState(false)

  const set = (part: Partial<LaunchSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true })
  const moduleName = search.module ?? before.data?.module
  // What is typed counts at once, so that the button never means other hosts than the text says.
  // Emptied by hand it stays empty, also where a run to repeat would fill it.
  const [selector, setSelector] = useDraft(search.selector ?? before.data?.selector ?? '', (text) =>
    set({ selector: text === '' && search.from === undefined ? undefined : text }),
  )
  const module = modules.data?.items.find((one) => one.name === moduleName)
  const { draft, change, drop } = useLaunchDraft({
    module: moduleName,
    from: search.from,
    before: before.data,
    fields: module?.fields,
  })
  const { values, strategy, access, check, note } = draft
  const unknown = modules.data !== undefined && moduleName !== undefined && module === undefined
  const input = useMemo(
    (): LaunchInput => ({
      module: moduleName ?? '',
      params: (module === undefined
        ? {}
        : visibleValues(module.fields as never, values)) as LaunchInput['params'],
      selector,
      check,
      strategy,
      ...(access.user === undefined || access.user === ''
        ? {}
        : {
            runAs: {
              user: access.user,
              method: access.method ?? ('sudo' as const),
              password: access.password,
            },
          }),
      ...(access.credential === undefined ? {} : { credential: access.credential }),
      note,
    }),
    [moduleName, module, values, selector, check, strategy, access, note],
  )
  const settled = useSettled(input)
  const wrongStrategy = strategyProblems(strategy)
  const ready =
    module !== undefined &&
    settled.selector.trim() !== '' &&
    strategyProblems(settled.strategy ?? {}) === 0
  const preview = useAnswer(
    runRoutes.preview,
    { body: settled },
    { enabled: ready, staleTime: 0, keepLast: true },
  )
  const seen = ready ? preview.data : undefined
  const stale = settled !== input || preview.isFetching
  const blocked =
    module === undefined
      ? unknown
        ? t('runs.noModule', { name: moduleName })
        : t('runs.pickModule')
      : selector.trim() === ''
        ? t('runs.pickHosts')
        : wrongStrategy > 0
          ? t('runs.fixForm', { count: wrongStrategy })
          : preview.error !== null
            ? errorMessage(preview.error, lang).text
            : seen === undefined || stale
              ? t('runs.previewing')
              : seen.refused !== null
                ? say(seen.refused)
                : seen.problems.length > 0
                  ? t('runs.fixForm', { count: seen.problems.length })
                  : seen.unknown.length > 0
                    ? t('runs.unknownNames', { names: seen.unknown.slice(0, 5).join(', ') })
                    : seen.total === 0
                      ? t('runs.noHostPicked')
                      : undefined

  const launch = async () => {
    if (seen === undefined || blocked !== undefined) return
    setLaunching(true)
    try {
      // The number the person saw goes along: if the fleet changed meanwhile, nothing runs.
      const run = await client.call(runRoutes.launch, {
        body: { ...input, confirmHosts: seen.total },
      })
      drop()
      // Back shows what was launched, not an empty form.
      await navigate({ search: { from: run.id }, replace: true })
      void navigate({ to: '/runs/$id', params: { id: run.id } })
    } catch (error) {
      toast.error(errorMessage(error, lang).text)
      void preview.refetch()
    } finally {
      setLaunching(false)
    }
  }
  if (search.from !== undefined && before.isLoading) return <LoadingLines lines={8} />
  return (
    <>
      <PageHeader title={t('runs.launch')} />
      <ErrorNotice error={before.error ?? modules.error} />
      <div className={form.launch}>
        <div className={form.launchForm}>
          <section className={style.card}>
            <h2>{t('runs.stepModule')}</h2>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              className={style.full}
              value={moduleName ?? null}
              loading={modules.isLoading}
              placeholder={t('runs.pickModule')}
              aria-label={t('runs.stepModule')}
              status={unknown ? 'error' : undefined}
              onChange={(name: string) => set({ module: name })}
              options={(modules.data?.items ?? [])
                .filter((one) => one.mayLaunch)
                .map((one) => ({ value: one.name, label: `${say(one.title)} · ${one.name}` }))}
            />
            {unknown && (
              <p className={style.problem} role="alert">
                {t('runs.noModule', { name: moduleName })}
              </p>
            )}
            {module !== undefined && (
              <>
                <p className={style.soft}>{say(module.summary)}</p>
                {module.needs !== undefined && <p className={style.soft}>{say(module.needs)}</p>}
                {module.dangerous !== undefined && (
                  <Alert type="error" showIcon title={say(module.dangerous)} />
                )}
                <ModuleForm
                  module={module.name}
                  fields={module.fields as never}
                  values={values}
                  onChange={(next) => change({ values: next })}
                  problems={
                    Object.keys(values).length > 0 || module.fields.length === 0
                      ? (seen?.problems ?? [])
                      : []
                  }
                  selector={selector}
                />
              </>
            )}
          </section>
          <section className={style.card}>
            <h2>{t('runs.stepHosts')}</h2>
            <HostPicker selector={selector} onChange={setSelector} />
          </section>
          <Collapse
            className={style.card}
            ghost
            items={[
              {
                key: 'strategy',
                label: t('runs.stepStrategy'),
                children: (
                  <StrategyForm
                    value={strategy}
                    onChange={(next) => change({ strategy: next })}
                    defaults={{
                      concurrency: settings.data?.defaultConcurrency ?? 100,
                      hostTimeoutMs:
                        module?.timeoutMs ?? settings.data?.defaultHostTimeoutMs ?? 60_000,
                    }}
                  />
                ),
              },
              {
                key: 'access',
                label: t('runs.stepAccess'),
                children: (
                  <RunAsForm value={access} onChange={(next) => change({ access: next })} />
                ),
              },
            ]}
          />
          <section className={style.card}>
            <div className={form.switchRow}>
              <Switch
                aria-label={t('runs.checkMode')}
                checked={check}
                onChange={(next) => change({ check: next })}
                disabled={module !== undefined && !module.checkable}
              />
              <span>
                {module !== undefined && !module.checkable
                  ? t('runs.noCheck')
                  : t('runs.checkHelp')}
              </span>
            </div>
            <Input
              value={note}
              maxLength={500}
              placeholder={t('runs.note')}
              aria-label={t('runs.note')}
              onChange={(event) => change({ note: event.target.value })}
            />
          </section>
        </div>
        <aside className={form.launchSide}>
          <LaunchPreviewPanel
            preview={seen}
            error={ready ? preview.error : null}
            loading={ready && preview.isFetching}
            detachAsked={strategy.detach === true}
          />
        </aside>
        <LaunchGo
          preview={seen}
          input={input}
          blocked={blocked}
          dangerous={module?.dangerous !== undefined}
          busy={launching}
          onLaunch={() => void launch()}
        />
      </div>
    </>
  )
}
