// Grey lines where text will be: the page keeps its shape while it waits.

import { useTexts } from '../i18n/index.ts'
import style from './loading-lines.module.css'

export const LoadingLines = ({ lines = 4 }: { readonly lines?: number }) => {
  const { t } = useTexts()
  return (
    <div className={style.lines} role="status" aria-label={t('ui.loading')}>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines that say nothing have no identity
        <span key={index} className={style.line} />
      ))}
    </div>
  )
}
