// Trust and connectivity: check who can be reached, hand out our key, rotate it; and how it went lately.

import { useNavigate, useSearch } from '@tanstack/react-router'
import { Segmented } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { EmptyState, PageHeader, useDraft } from '../ui/index.ts'
import { CheckForm } from './check-form.tsx'
import { EstablishForm } from './establish-form.tsx'
import { RecentOutcomes } from './recent-outcomes.tsx'
import { RotateForm } from './rotate-form.tsx'
import style from './trust.module.css'

const tabs = ['check', 'establish', 'rotate'] as const
const modulesOf = {
  check: 'trust.check',
  establish: 'trust.establish',
  rotate: 'trust.rotate',
} as const

export const TrustPage = () => {
  const { t } = useTexts()
  const { tab = 'check', selector = '', credential = '' } = useSearch({ from: '/trust' })
  const navigate = useNavigate({ from: '/trust' })
  const may = useMay('run.launch')
  const change = (
    part: { selector?: string; credential?: string; tab?: typeof tab },
    replace = true,
  ) => void navigate({ search: (old) => ({ ...old, ...part }), replace })
  const [draft, setDraft] = useDraft(selector, (text) =>
    change({ selector: text === '' ? undefined : text }),
  )
  if (!may.allowed) {
    return (
      <>
        <PageHeader title={t('app.place.trust')} />
        <EmptyState title={may.why ?? ''} />
      </>
    )
  }
  const target = { selector: draft, onSelector: setDraft }
  return (
    <>
      <PageHeader title={t('app.place.trust')} note={t(`trust.${tab}.note`)} />
      <Segmented
        className={style.tabs}
        value={tab}
        aria-label={t('app.place.trust')}
        options={tabs.map((value) => ({ value, label: t(`trust.${value}.title`) }))}
        onChange={(next) => change({ tab: next }, false)}
      />
      <div className={style.columns}>
        <div className="om-card">
          {tab === 'check' ? <CheckForm {...target} /> : null}
          {tab === 'establish' ? (
            <EstablishForm
              {...target}
              credential={credential}
              onCredential={(name) => change({ credential: name })}
            />
          ) : null}
          {tab === 'rotate' ? <RotateForm {...target} /> : null}
        </div>
        <RecentOutcomes key={tab} module={modulesOf[tab]} />
      </div>
    </>
  )
}
