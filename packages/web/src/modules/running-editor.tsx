// How a module runs: whether it is dangerous and why, how long a host may take, as which account, what it prints.

import type { CustomInput } from '@omserver/api'
import { Input, Radio, Switch } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { Field, NumberField } from '../ui/index.ts'
import { type ProblemSays, timeoutLimits } from './draft-problems.ts'
import style from './modules.module.css'
import { TableEditor } from './table-editor.tsx'
import { TwoTexts } from './two-texts.tsx'

interface RunningEditorProps {
  readonly draft: CustomInput
  readonly says: ProblemSays
  readonly onChange: (part: Partial<CustomInput>) => void
}

export const RunningEditor = ({ draft, says, onChange }: RunningEditorProps) => {
  const { t } = useTexts()
  const { dangerous, timeoutMs, runAs, table } = draft
  return (
    <div className={`om-stack ${style.narrow}`}>
      <Field label={t('maker.dangerousSwitch')} help={t('maker.dangerousHelp')}>
        {(control) => (
          <div>
            <Switch
              {...control}
              checked={dangerous !== undefined}
              onChange={(on) => onChange({ dangerous: on ? { zh: '', en: '' } : undefined })}
            />
          </div>
        )}
      </Field>
      {dangerous === undefined ? null : (
        <TwoTexts
          required
          labels={{ zh: t('maker.dangerIn.zh'), en: t('maker.dangerIn.en') }}
          value={dangerous}
          error={says('running', 'dangerous')}
          onChange={(reason) => onChange({ dangerous: reason })}
        />
      )}
      <div className={style.two}>
        <NumberField
          {...timeoutLimits}
          integer
          label={t('maker.timeout')}
          help={t('maker.timeoutHelp')}
          value={timeoutMs === undefined ? undefined : timeoutMs / 1000}
          onNumber={(seconds) =>
            onChange({ timeoutMs: seconds === undefined ? undefined : seconds * 1000 })
          }
        />
      </div>
      <div className={style.two}>
        <Field label={t('maker.runAs')} help={t('maker.runAsHelp')}>
          {(control) => (
            <Input
              {...control}
              className="om-code"
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              maxLength={64}
              value={runAs?.user ?? ''}
              onChange={({ target }) => {
                const user = target.value.trim()
                onChange({
                  runAs: user === '' ? undefined : { user, method: runAs?.method ?? 'sudo' },
                })
              }}
            />
          )}
        </Field>
        {runAs === undefined ? null : (
          <Field label={t('maker.runAsMethod')}>
            {(control) => (
              <div>
                <Radio.Group
                  {...control}
                  aria-label={t('maker.runAsMethod')}
                  value={runAs.method}
                  options={['sudo', 'su']}
                  onChange={({ target }) =>
                    onChange({ runAs: { ...runAs, method: target.value === 'su' ? 'su' : 'sudo' } })
                  }
                />
              </div>
            )}
          </Field>
        )}
      </div>
      <Field label={t('maker.tableSwitch')} help={t('maker.tableHelp')}>
        {(control) => (
          <div>
            <Switch
              {...control}
              checked={table !== undefined}
              onChange={(on) =>
                onChange({
                  table: on
                    ? {
                        columns: [{ key: '', title: { zh: '', en: '' }, type: 'text' }],
                        rows: { by: 'split' },
                      }
                    : undefined,
                })
              }
            />
          </div>
        )}
      </Field>
      {table === undefined ? null : (
        <TableEditor table={table} says={says} onChange={(next) => onChange({ table: next })} />
      )}
    </div>
  )
}
