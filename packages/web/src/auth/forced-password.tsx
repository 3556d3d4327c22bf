// Before all else: the one-time password an administrator handed out must be replaced.

import { useEffect } from 'react'
import { useTexts } from '../i18n/index.ts'
import { useMe } from '../session/index.ts'
import style from './auth.module.css'
import { PasswordForm } from './password-form.tsx'

export const ForcedPassword = () => {
  const { t } = useTexts()
  const me = useMe()
  useEffect(() => {
    document.title = `${t('auth.forced')} · OMServer`
  }, [t])
  return (
    <div className={style.page}>
      <main className={`${style.box} ${style.wide}`}>
        <div className={style.brand}>
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <div>
            <h1>{t('auth.forced')}</h1>
            <p className="om-soft">{t('auth.forcedWhy', { name: me.name })}</p>
          </div>
        </div>
        <PasswordForm userName={me.name} onDone={() => undefined} />
      </main>
    </div>
  )
}
