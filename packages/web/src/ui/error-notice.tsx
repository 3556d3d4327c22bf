// An error where it happened: what is wrong and what to do, in the language of the screen.

import { Alert, Button } from 'antd'
import { errorMessage } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'

interface ErrorNoticeProps {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
  /** What was tried, as a heading. */
  readonly title?: string
}

export const ErrorNotice = ({ error, onRetry, title }: ErrorNoticeProps) => {
  const { t, lang } = useTexts()
  if (error === null || error === undefined) return null
  const { text, code } = errorMessage(error, lang)
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="om-error"
      title={title ?? text}
      description={
        title === undefined && code === undefined ? undefined : (
          <>
            {title === undefined ? null : <div>{text}</div>}
            {code === undefined ? null : <code className="om-code-name">{code}</code>}
          </>
        )
      }
      action={
        onRetry === undefined ? undefined : (
          <Button size="small" onClick={onRetry}>
            {t('ui.retry')}
          </Button>
        )
      }
    />
  )
}
