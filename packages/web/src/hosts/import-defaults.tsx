// What every imported host gets that the text itself leaves open: port, credential, labels.

import { credentialRoutes } from '@omserver/api'
import { InputNumber, Select } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { Field } from '../ui/index.ts'
import { LabelsEditor } from './labels-editor.tsx'

export interface ImportDefaultsValue {
  readonly port?: number
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
          <Field label={t('hosts.port')}>
            {(control) => (
              <InputNumber
                {...control}
                min={1}
                max={65535}
                style={{ width: '100%' }}
                placeholder="22"
                value={value.port ?? null}
                onChange={(port) => onChange({ ...value, port: port ?? undefined })}
              />
            )}
          </Field>
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
