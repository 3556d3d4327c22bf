// How the run goes over its hosts. Closed until somebody needs it; the summary says what holds.

import type { LaunchInput } from '@omserver/api'
import { Form, Input, InputNumber } from 'antd'
import { useTexts } from '../i18n/index.ts'
import form from './launch.module.css'

export type StrategyDraft = NonNullable<LaunchInput['strategy']>

interface Props {
  readonly value: StrategyDraft
  readonly onChange: (value: StrategyDraft) => void
  /** Shown where nothing is given. */
  readonly defaults: { readonly concurrency: number; readonly hostTimeoutMs: number }
}

const secondsOf = (ms: number | undefined): number | null => (ms === undefined ? null : ms / 1000)
const msOf = (seconds: number | null): number | undefined =>
  seconds === null ? undefined : seconds * 1000

export const StrategyForm = ({ value, onChange, defaults }: Props) => {
  const { t } = useTexts()
  const set = (part: Partial<StrategyDraft>) => onChange({ ...value, ...part })
  return (
    <Form layout="vertical" component="div" className={form.strategy}>
      <Form.Item label={t('runs.concurrency')} htmlFor="strategy-concurrency">
        <InputNumber
          id="strategy-concurrency"
          min={1}
          max={10_000}
          value={value.concurrency ?? null}
          placeholder={String(defaults.concurrency)}
          onChange={(concurrency) => set({ concurrency: concurrency ?? undefined })}
        />
      </Form.Item>
      <Form.Item label={t('runs.batches')} htmlFor="strategy-batches" extra={t('runs.batchesHelp')}>
        <Input
          id="strategy-batches"
          value={value.batches ?? ''}
          placeholder="1,10%,50%"
          onChange={(event) =>
            set({ batches: event.target.value === '' ? undefined : event.target.value })
          }
        />
      </Form.Item>
      <Form.Item
        label={t('runs.maxFailures')}
        htmlFor="strategy-failures"
        extra={t('runs.maxFailuresHelp')}
      >
        <Input
          id="strategy-failures"
          value={value.maxFailures ?? ''}
          placeholder="5%"
          onChange={(event) =>
            set({ maxFailures: event.target.value === '' ? undefined : event.target.value })
          }
        />
      </Form.Item>
      <Form.Item label={t('runs.hostTimeout')} htmlFor="strategy-host-timeout">
        <InputNumber
          id="strategy-host-timeout"
          min={1}
          max={86_400}
          value={secondsOf(value.hostTimeoutMs)}
          placeholder={String(defaults.hostTimeoutMs / 1000)}
          onChange={(seconds) => set({ hostTimeoutMs: msOf(seconds) })}
        />
      </Form.Item>
      <Form.Item label={t('runs.runTimeout')} htmlFor="strategy-run-timeout">
        <InputNumber
          id="strategy-run-timeout"
          min={1}
          max={604_800}
          value={secondsOf(value.runTimeoutMs)}
          placeholder={t('runs.none')}
          onChange={(seconds) => set({ runTimeoutMs: msOf(seconds) })}
        />
      </Form.Item>
      <Form.Item label={t('runs.retries')} htmlFor="strategy-retries" extra={t('runs.retriesHelp')}>
        <InputNumber
          id="strategy-retries"
          min={0}
          max={5}
          value={value.retries ?? null}
          placeholder="0"
          onChange={(retries) => set({ retries: retries ?? undefined })}
        />
      </Form.Item>
    </Form>
  )
}
