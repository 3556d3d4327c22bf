// The session has ended while somebody was at work: sign in over the page, which stays as it is.

import { authRoutes } from '@omserver/api'
import { useRouter } from '@tanstack/react-router'
import { Button, Modal } from 'antd'
import { type FormEvent, useId, useState } from 'react'
import { queryClient, tellSignedIn, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { dropWork, useMe } from '../session/index.ts'
import { ErrorNotice, PasswordInput } from '../ui/index.ts'
import style from './auth.module.css'

/** Above every drawer and dialog of the page below. */
const ABOVE = 2000

export const SignInAgain = () => {
  const { t } = useTexts()
  const me = useMe()
  const id = useId()
  const router = useRouter()
  const [password, setPassword] = useState('')
  const login = useChange(authRoutes.login)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (password === '' || login.isPending) return
    const answer = await login
      .mutateAsync({ body: { name: me.name, password } })
      .catch(() => undefined)
    if (answer === undefined) {
      setPassword('')
      return
    }
    tellSignedIn()
    await queryClient.invalidateQueries()
  }
  const leave = () => {
    dropWork()
    queryClient.clear()
    void router.navigate({ to: '/login', search: {} })
  }
  return (
    <Modal
      open
      width={400}
      zIndex={ABOVE}
      title={t('auth.signInAgain')}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={null}
    >
      <form className={`${style.form} ${style.over}`} onSubmit={(event) => void submit(event)}>
        <p className="om-soft">{t('auth.expired')}</p>
        <ErrorNotice error={login.error} />
        <div>
          <span className="om-soft">{t('auth.name')}</span> <strong>{me.name}</strong>
          <input type="hidden" name="username" autoComplete="username" value={me.name} readOnly />
        </div>
        <div>
          <label htmlFor={`${id}-password`}>{t('auth.password')}</label>
          <PasswordInput
            id={`${id}-password`}
            autoFocus
            autoComplete="current-password"
            value={password}
            onText={setPassword}
          />
        </div>
        <Button type="primary" htmlType="submit" block loading={login.isPending}>
          {t('auth.signIn')}
        </Button>
        <Button type="link" block onClick={leave}>
          {t('auth.otherUser')}
        </Button>
      </form>
    </Modal>
  )
}
