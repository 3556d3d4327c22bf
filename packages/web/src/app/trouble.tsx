// Pages for addresses that lead nowhere and for pages that broke.

import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router'
import { Button } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { EmptyState } from '../ui/index.ts'

export const NotFound = () => {
  const { t } = useTexts()
  return (
    <EmptyState
      whole
      title={t('app.notFound.title')}
      actions={<Link to="/">{t('app.notFound.home')}</Link>}
    >
      {t('app.notFound.body', { path: window.location.pathname })}
    </EmptyState>
  )
}

/** A chunk that is gone means the server was updated under an open page: only loading anew helps. */
const isStalePage = (message: string): boolean =>
  /dynamically imported module|importing a module script|preload css/i.test(message)

export const PageBroke = ({ error, reset }: ErrorComponentProps) => {
  const { t } = useTexts()
  const router = useRouter()
  const said = error instanceof Error ? error.message : String(error)
  const stale = isStalePage(said)
  return (
    <EmptyState
      whole
      title={stale ? t('app.stale.title') : t('app.broke.title')}
      actions={
        <>
          <Button type="primary" onClick={() => window.location.reload()}>
            {t('app.reload')}
          </Button>
          {stale ? null : (
            <Button
              onClick={() => {
                reset()
                void router.invalidate()
              }}
            >
              {t('ui.retry')}
            </Button>
          )}
        </>
      }
    >
      {stale ? t('app.stale.body') : t('app.broke.body')}
      {stale ? null : <pre className="om-breakable om-code-name">{said}</pre>}
    </EmptyState>
  )
}
