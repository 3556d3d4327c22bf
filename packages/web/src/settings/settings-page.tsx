// Settings in three parts: mine, my tokens, the installation.

import { useNavigate, useSearch } from '@tanstack/react-router'
import { Segmented } from 'antd'
import { PasswordForm } from '../auth/index.ts'
import { switchLang, useTexts } from '../i18n/index.ts'
import { keepPreferences, useMe, usePreferences } from '../session/index.ts'
import { Field, PageHeader, toast } from '../ui/index.ts'
import { TokensPanel } from '../users/index.ts'
import style from './settings-page.module.css'
import { SystemSettings } from './system-settings.tsx'

const tabs = ['mine', 'tokens', 'system'] as const

const Mine = () => {
  const { t, lang } = useTexts()
  const { theme } = usePreferences()
  const me = useMe()
  return (
    <div className={style.columns}>
      <section className={style.part}>
        <h2 className={style.heading}>{t('settings.look')}</h2>
        <p className="om-soft">{t('settings.thisBrowser')}</p>
        <div className="om-card om-stack">
          <Field label={t('settings.language')}>
            {(control) => (
              <div>
                <Segmented<'zh' | 'en'>
                  {...control}
                  aria-label={t('settings.language')}
                  value={lang}
                  options={[
                    { value: 'zh', label: '中文' },
                    { value: 'en', label: 'English' },
                  ]}
                  onChange={async (next) => {
                    await switchLang(next)
                    keepPreferences({ lang: next })
                  }}
                />
              </div>
            )}
          </Field>
          <Field label={t('settings.theme')}>
            {(control) => (
              <div>
                <Segmented<'auto' | 'light' | 'dark'>
                  {...control}
                  aria-label={t('settings.theme')}
                  value={theme}
                  options={(['auto', 'light', 'dark'] as const).map((value) => ({
                    value,
                    label: t(`app.theme.${value}`),
                  }))}
                  onChange={(next) => keepPreferences({ theme: next })}
                />
              </div>
            )}
          </Field>
        </div>
      </section>
      <section className={style.part}>
        <h2 className={style.heading}>{t('auth.change')}</h2>
        <p className="om-soft">{t('settings.passwordNote', { name: me.name })}</p>
        <PasswordForm
          userName={me.name}
          onDone={() => toast.success(t('settings.passwordChanged'))}
        />
      </section>
    </div>
  )
}

export const SettingsPage = () => {
  const { t } = useTexts()
  const { tab = 'mine' } = useSearch({ from: '/settings' })
  const navigate = useNavigate({ from: '/settings' })
  return (
    <>
      <PageHeader title={t('app.place.settings')} />
      <div className="om-stack">
        <div>
          <Segmented
            aria-label={t('app.place.settings')}
            value={tab}
            options={tabs.map((value) => ({ value, label: t(`settings.tab.${value}`) }))}
            onChange={(next) => void navigate({ search: { tab: next } })}
          />
        </div>
        {tab === 'mine' ? <Mine /> : null}
        {tab === 'tokens' ? <TokensPanel /> : null}
        {tab === 'system' ? <SystemSettings /> : null}
      </div>
    </>
  )
}
