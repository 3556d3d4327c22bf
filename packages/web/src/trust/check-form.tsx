// Connectivity check: a harmless run on the chosen hosts, whose failures are grouped by reason.

import { trustRoutes } from '@omserver/api'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ErrorNotice, Field, SelectorInput } from '../ui/index.ts'
import { useHostCount } from './use-host-count.ts'

export interface TargetProps {
  readonly selector: string
  readonly onSelector: (text: string) => void
}

export const CheckForm = ({ selector, onSelector }: TargetProps) => {
  const { t } = useTexts()
  const launch = useMay('run.launch')
  const check = useChange(trustRoutes.check, ['runs.'])
  const count = useHostCount(selector)
  const start = () => check.mutate({ body: { selector } })
  return (
    <form
      className="om-stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (launch.allowed && count !== undefined && count > 0) start()
      }}
    >
      <Field label={t('trust.hosts')} required help={t('trust.hostsHelp')}>
        {({ id }) => (
          <SelectorInput
            id={id}
            label={t('trust.hosts')}
            placeholder={t('trust.hostsWhat')}
            value={selector}
            count={count}
            onChange={onSelector}
          />
        )}
      </Field>
      <ErrorNotice error={check.error} />
      <div>
        <ActionButton
          type="primary"
          htmlType="submit"
          inSight
          loading={check.isPending}
          blocked={
            launch.why ?? (count === undefined || count === 0 ? t('trust.chooseFirst') : undefined)
          }
        >
          {count === undefined || count === 0
            ? t('trust.check.start')
            : t('trust.check.on', { count })}
        </ActionButton>
      </div>
    </form>
  )
}
