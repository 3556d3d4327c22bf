// Changing one's own password.

import { authRoutes } from '@omserver/api'
import { type FormEvent, useId, useState } from 'react'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ActionButton, ErrorNotice, PasswordInput } from '../ui/index.ts'
import style from './auth.module.css'

interface PasswordFormProps {
  readonly userName: string
  readonly onDone: () => void
}

export const PasswordForm = ({ userName, onDone }: PasswordFormProps) => {
  const { t } = useTexts()
  const id = useId()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const change = useChange(authRoutes.changePassword, ['auth.'])
  const differs = again !== '' && again !== next
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (current === '' || next === '' || again !== next || change.isPending) return
    change.mutate(
      { body: { current, next } },
      {
        onSuccess: () => {
          setCurrent('')
          setNext('')
          setAgain('')
          onDone()
        },
      },
    )
  }
  return (
    <form className={style.form} onSubmit={submit}>
      <input type="hidden" name="username" autoComplete="username" value={userName} readOnly />
      <div>
        <label htmlFor={`${id}-current`}>{t('auth.current')}</label>
        <PasswordInput
          id={`${id}-current`}
          autoComplete="current-password"
          value={current}
          onText={setCurrent}
        />
      </div>
      <div>
        <label htmlFor={`${id}-next`}>{t('auth.next')}</label>
        <PasswordInput
          id={`${id}-next`}
          autoComplete="new-password"
          value={next}
          onText={setNext}
        />
      </div>
      <div>
        <label htmlFor={`${id}-again`}>{t('auth.again')}</label>
        <PasswordInput
          id={`${id}-again`}
          autoComplete="new-password"
          wrong={differs}
          aria-describedby={`${id}-differs`}
          value={again}
          onText={setAgain}
        />
        <div id={`${id}-differs`} className="om-danger" aria-live="polite">
          {differs ? t('auth.differs') : null}
        </div>
      </div>
      <ErrorNotice error={change.error} />
      <ActionButton
        type="primary"
        htmlType="submit"
        inSight
        loading={change.isPending}
        blocked={
          current === '' || next === '' || again === ''
            ? t('auth.fillAll')
            : differs
              ? t('auth.differs')
              : undefined
        }
      >
        {t('auth.change')}
      </ActionButton>
    </form>
  )
}
