// What every imported host gets that the text itself leaves open: port, credential, labels.

import { credentialRoutes } from '@omserver/api'
import { Select } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { Field, NumberField } from '../ui/index.ts'
import { LabelsEditor } from './labels-editor.tsx'
import { portLimits } from './port-limits.ts'

export interface ImportDefaultsValue {
  /** As typed. */
  readonly port?: number | undefined
  readonly credential?: string
  readonly labels?: Readonly<Record<string, string>>
}

interface ImportDefaultsProps {
  readonly value: ImportDefaultsValue
  readonly onChange: (value: ImportDefaultsValue) => void
}

export const ImportDefaults = ({ value, onChange }: ImportDefaultsProps) => {
  const { t } = useTexts()
  const readsCredentials = useMay('credential.read').allowed
  const credentials = useAnswer(credentialRoutes.list, {}, { enabled: readsCredentials }).data
    ?.items
  return (
    <details>
      <summary style={{ cursor: 'pointer' }}>{t('hosts.defaults')}</summary>
      <div className="om-stack" style={{ marginTop: 12 }}>
        <div style={{ display: 'grid', gridTemplateColumns: '104px minmax(0, 1fr)', gap: 12 }}>
          <NumberField
            {...portLimits}
            label={t('hosts.port')}
            placeholder="22"
            value={value.port}
            onNumber={(port) => onChange({ ...value, port })}
          />
          <Field label={t('hosts.credential')}>
            {(control) => (
              <Select
                {...control}
                allowClear
                style={{ width: '100%' }}
                placeholder={t('hosts.credentialNone')}
                value={value.credential ?? null}
                options={(credentials ?? []).map(({ name }) => ({ value: name, label: name }))}
                onChange={(credential) =>
                  onChange({ ...value, credential: credential ?? undefined })
                }
              />
            )}
          </Field>
        </div>
        <Field label={t('hosts.labels')}>
          {(control) => (
            <LabelsEditor
              {...control}
              value={value.labels ?? {}}
              onChange={(labels) => onChange({ ...value, labels })}
            />
          )}
        </Field>
      </div>
    </details>
  )
}
