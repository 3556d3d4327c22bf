// How the run goes over its hosts. Closed until somebody needs it; the summary says what holds.

import { cutBatches, DETACH_ABOVE_MS, failuresAllowed, type Lang } from '@omserver/core'
import { Switch } from 'antd'
import { useTexts } from '../i18n/index.ts'
import {
  Field,
  NumberField,
  type NumberLimits,
  numberProblem,
  problemMessage,
  TextInput,
} from '../ui/index.ts'
import form from './launch.module.css'
import type { StrategyDraft } from './launch-draft.ts'

interface Props {
  readonly value: StrategyDraft
  readonly onChange: (value: StrategyDraft) => void
  /** Shown where nothing is given. */
  readonly defaults: { readonly concurrency: number; readonly hostTimeoutMs: number }
}

/** Timeouts in seconds. */
const limits = {
  concurrency: { min: 1, max: 10_000, integer: true },
  hostTimeout: { min: 1, max: 86_400 },
  runTimeout: { min: 1, max: 604_800 },
  retries: { min: 0, max: 5, integer: true },
} as const satisfies Readonly<Record<string, NumberLimits>>

const secondsOf = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1000
const msOf = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.round(seconds * 1000)

const reading = (read: () => unknown, lang: Lang): string | undefined => {
  try {
    read()
    return undefined
  } catch (error) {
    return problemMessage(error, lang)
  }
}
const batchesProblem = ({ batches }: StrategyDraft, lang: Lang): string | undefined =>
  batches === undefined ? undefined : reading(() => cutBatches(0, batches), lang)
const failuresProblem = ({ maxFailures }: StrategyDraft, lang: Lang): string | undefined =>
  maxFailures === undefined ? undefined : reading(() => failuresAllowed(0, maxFailures), lang)

/** How many of its fields are wrong: a preview is not asked for before they are right. */
export const strategyProblems = (value: StrategyDraft): number =>
  [
    batchesProblem(value, 'en'),
    failuresProblem(value, 'en'),
    numberProblem(value.concurrency, limits.concurrency),
    numberProblem(secondsOf(value.hostTimeoutMs), limits.hostTimeout),
    numberProblem(secondsOf(value.runTimeoutMs), limits.runTimeout),
    numberProblem(value.retries, limits.retries),
  ].filter((problem) => problem !== undefined).length

export const StrategyForm = ({ value, onChange, defaults }: Props) => {
  const { t, lang } = useTexts()
  const set = (part: Partial<StrategyDraft>) => onChange({ ...value, ...part })
  const batches = batchesProblem(value, lang)
  const failures = failuresProblem(value, lang)
  const detachesAnyway = (value.hostTimeoutMs ?? defaults.hostTimeoutMs) > DETACH_ABOVE_MS
  return (
    <div className={form.strategy}>
      <NumberField
        label={t('runs.concurrency')}
        {...limits.concurrency}
        value={value.concurrency}
        placeholder={String(defaults.concurrency)}
        onNumber={(concurrency) => set({ concurrency })}
      />
      <Field label={t('runs.batches')} help={t('runs.batchesHelp')} error={batches}>
        {(control) => (
          <TextInput
            {...control}
            autoComplete="off"
            wrong={batches !== undefined}
            value={value.batches ?? ''}
            placeholder="1,10%,50%"
            onText={(text) => set({ batches: text === '' ? undefined : text })}
          />
        )}
      </Field>
      <Field label={t('runs.maxFailures')} help={t('runs.maxFailuresHelp')} error={failures}>
        {(control) => (
          <TextInput
            {...control}
            autoComplete="off"
            wrong={failures !== undefined}
            value={value.maxFailures ?? ''}
            placeholder="5%"
            onText={(text) => set({ maxFailures: text === '' ? undefined : text })}
          />
        )}
      </Field>
      <NumberField
        label={t('runs.hostTimeout')}
        {...limits.hostTimeout}
        value={secondsOf(value.hostTimeoutMs)}
        placeholder={String(defaults.hostTimeoutMs / 1000)}
        onNumber={(seconds) => set({ hostTimeoutMs: msOf(seconds) })}
      />
      <NumberField
        label={t('runs.runTimeout')}
        {...limits.runTimeout}
        value={secondsOf(value.runTimeoutMs)}
        placeholder={t('runs.none')}
        onNumber={(seconds) => set({ runTimeoutMs: msOf(seconds) })}
      />
      <NumberField
        label={t('runs.retries')}
        help={t('runs.retriesHelp')}
        {...limits.retries}
        value={value.retries}
        placeholder="0"
        onNumber={(retries) => set({ retries })}
      />
      <Field label={t('runs.detached')} help={t('runs.detachedHelp')}>
        {(control) => (
          <div>
            <Switch
              {...control}
              checked={value.detach ?? detachesAnyway}
              onChange={(next) => set({ detach: next === detachesAnyway ? undefined : next })}
            />
          </div>
        )}
      </Field>
    </div>
  )
}
