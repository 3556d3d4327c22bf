// What a step changed, or would change: folded, line by line.

import { stripTerminal } from '@omserver/core'
import { useTexts } from '../i18n/index.ts'
import style from './host-steps.module.css'

const kindOf = (line: string): string | undefined => {
  if (line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@')) return style.place
  if (line.startsWith('+')) return style.added
  return line.startsWith('-') ? style.removed : style.same
}

export const StepDiff = ({ diff }: { readonly diff: string }) => {
  const { t } = useTexts()
  const lines = stripTerminal(diff).replace(/\n$/, '').split('\n')
  const count = lines.filter((line) => {
    const kind = kindOf(line)
    return kind === style.added || kind === style.removed
  }).length
  return (
    <details className={style.diff}>
      <summary>{t('runs.diff', { count })}</summary>
      <pre tabIndex={0}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one diff have no identity but their place
          <span key={index} className={kindOf(line)}>
            {`${line}\n`}
          </span>
        ))}
      </pre>
    </details>
  )
}
