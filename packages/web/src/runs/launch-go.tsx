// The button that launches, what stands in its way, and the number that must be typed before it.

import type { LaunchInput, LaunchPreview } from '@omserver/api'
import { Button } from 'antd'
import { useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { Field, TextInput } from '../ui/index.ts'
import { useIdcs } from './idcs.ts'
import form from './launch.module.css'
import style from './runs.module.css'

interface Props {
  readonly preview: LaunchPreview | undefined
  readonly input: LaunchInput
  /** Why it cannot be launched, apart from the number; undefined: it can. */
  readonly blocked: string | undefined
  readonly dangerous: boolean
  readonly busy: boolean
  readonly onLaunch: () => void
}

/** What a number is typed for: exactly these hosts and this action. */
const subjectOf = ({ note: _note, ...input }: LaunchInput, preview: LaunchPreview | undefined) =>
  JSON.stringify([input, preview?.total, preview?.hosts.map(({ id }) => id)])

export const LaunchGo = ({ preview, input, blocked, dangerous, busy, onLaunch }: Props) => {
  const { t, say, number } = useTexts()
  const { countOf } = useIdcs()
  const subject = subjectOf(input, preview)
  const [typed, setTyped] = useState({ subject, text: '' })
  // A number typed for other hosts or another action confirms nothing.
  if (typed.subject !== subject) setTyped({ subject, text: '' })
  const total = preview?.total ?? 0
  const needed = preview?.confirm.needed === true
  const confirmed = !needed || (typed.subject === subject && typed.text.trim() === String(total))
  const on = {
    hosts: number(total),
    idcs: preview === undefined ? '' : countOf(preview.idcs),
  }
  const run =
    preview === undefined || total === 0
      ? t('runs.run')
      : preview.batches.length > 1
        ? t('runs.runOnBatches', { ...on, batches: preview.batches.length })
        : t('runs.runOn', { ...on, count: total })
  const only = total === 1 ? preview?.hosts[0] : undefined
  return (
    <section className={form.launchGo} aria-label={t('runs.run')}>
      {needed && (
        <div className={form.confirm}>
          {preview.confirm.reason !== null && <span>{say(preview.confirm.reason)}</span>}
          {only !== undefined && (
            <span className={form.onlyHost}>
              <strong>{only.name}</strong> <span className={style.soft}>{only.address}</span>
            </span>
          )}
          <Field label={t('runs.typeCount', { hosts: total })}>
            {(control) => (
              <TextInput
                {...control}
                autoComplete="off"
                inputMode="numeric"
                value={typed.text}
                placeholder={String(total)}
                onText={(text) => setTyped({ subject, text })}
              />
            )}
          </Field>
        </div>
      )}
      <Button
        type="primary"
        size="large"
        block
        danger={dangerous}
        loading={busy}
        disabled={blocked !== undefined || !confirmed}
        onClick={onLaunch}
      >
        {input.check === true ? t('runs.asCheck', { label: run }) : run}
      </Button>
      {blocked !== undefined && <p className={style.soft}>{blocked}</p>}
    </section>
  )
}
