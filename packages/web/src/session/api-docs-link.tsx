// The way to the page of the API, which has no script and so is told the theme.

import { useTexts } from '../i18n/index.ts'
import { usePreferences } from './preferences.ts'

export const ApiDocsLink = () => {
  const { t } = useTexts()
  const { theme } = usePreferences()
  return (
    <a
      href={theme === 'auto' ? '/api/docs' : `/api/docs?theme=${theme}`}
      target="_blank"
      rel="noreferrer"
    >
      {t('settings.apiDocs')}
    </a>
  )
}
