// A word that is looked for when it is sent: by Enter or by the button, not by every key.

import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { TextInput } from '../ui/index.ts'
import style from './runs.module.css'

interface Props {
  readonly label: string
  /** What is looked for now. */
  readonly text: string
  readonly onText: (text: string) => void
}

export const SearchLine = ({ label, text, onText }: Props) => {
  const { t } = useTexts()
  const [words, setWords] = useState(text)
  useEffect(() => setWords(text), [text])
  return (
    <form
      className={style.searchLine}
      onSubmit={(event) => {
        event.preventDefault()
        onText(words.trim())
      }}
    >
      <TextInput
        clearable
        type="search"
        value={words}
        placeholder={label}
        aria-label={label}
        onText={(next) => {
          setWords(next)
          if (next === '') onText('')
        }}
      />
      <Button htmlType="submit">{t('runs.searchGo')}</Button>
    </form>
  )
}
