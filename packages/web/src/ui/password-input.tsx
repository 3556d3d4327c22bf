// A password: hidden, and shown while its owner wants to see it.

import { EyeInvisibleOutlined, EyeOutlined } from '@ant-design/icons'
import { type ComponentProps, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import style from './text-input.module.css'
import { TextInput } from './text-input.tsx'

export const PasswordInput = (
  props: Omit<ComponentProps<typeof TextInput>, 'type' | 'suffix' | 'clearable'>,
) => {
  const { t } = useTexts()
  const [shown, setShown] = useState(false)
  return (
    <TextInput
      {...props}
      type={shown ? 'text' : 'password'}
      suffix={
        <button
          type="button"
          className={style.reveal}
          aria-label={t('ui.showPassword')}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOutlined /> : <EyeInvisibleOutlined />}
        </button>
      }
    />
  )
}
