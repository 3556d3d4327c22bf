// The first page: sign in. Nothing else is known yet, so language and theme are at hand here too.

import { authRoutes } from '@omserver/api'
import { useRouter, useSearch } from '@tanstack/react-router'
import { Button } from 'antd'
import { type FormEvent, useEffect, useId, useState } from 'react'
import { queryClient, tellSignedIn, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { dropWork, LangSwitch, ThemeSwitch } from '../session/index.ts'
import { ErrorNotice, PasswordInput, TextInput } from '../ui/index.ts'
import style from './auth.module.css'
import { safeNext } from './next-address.ts'

export const LoginPage = () => {
  const { t } = useTexts()
  const id = useId()
  const router = useRouter()
  const { next } = useSearch({ from: '/login' })
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const login = useChange(authRoutes.login)
  useEffect(() => {
    document.title = `${t('auth.signIn')} · OMServer`
  }, [t])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '' || password === '' || login.isPending) return
    const answer = await login
      .mutateAsync({ body: { name: name.trim(), password } })
      .catch(() => undefined)
    if (answer === undefined) {
      setPassword('')
      return
    }
    // Whoever signs in must not see what the last one had loaded or begun.
    queryClient.clear()
    dropWork(answer.name)
    tellSignedIn()
    router.history.push(safeNext(next))
  }
  return (
    <div className={style.page}>
      <div className={style.corner}>
        <LangSwitch />
        <ThemeSwitch />
      </div>
      <main className={style.box}>
        <div className={style.brand}>
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <div>
            <h1>OMServer</h1>
            <p className="om-soft">{t('auth.claim')}</p>
          </div>
        </div>
        <form className={style.form} onSubmit={(event) => void submit(event)}>
          <ErrorNotice error={login.error} />
          <div>
            <label htmlFor={`${id}-name`}>{t('auth.name')}</label>
            <TextInput
              id={`${id}-name`}
              large
              autoFocus
              autoComplete="username"
              autoCapitalize="off"
              spellCheck={false}
              value={name}
              onText={setName}
            />
          </div>
          <div>
            <label htmlFor={`${id}-password`}>{t('auth.password')}</label>
            <PasswordInput
              id={`${id}-password`}
              large
              autoComplete="current-password"
              value={password}
              onText={setPassword}
            />
          </div>
          <Button type="primary" size="large" htmlType="submit" block loading={login.isPending}>
            {t('auth.signIn')}
          </Button>
        </form>
        <p className={style.hint}>{t('auth.firstTime')}</p>
      </main>
    </div>
  )
}
