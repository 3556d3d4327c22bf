// What changed from a saved version to what is in the editor now.

import { type CustomInput, moduleRoutes } from '@omserver/api'
import { diffLines } from 'diff'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { type DiffWord, draftText } from './draft-text.ts'
import style from './modules.module.css'

export const VersionDiff = ({
  id,
  version,
  to,
}: {
  readonly id: string
  readonly version: number
  readonly to: CustomInput
}) => {
  const { t } = useTexts()
  const from = useAnswer(
    moduleRoutes.readCustomVersion,
    { params: { id, version } },
    { staleTime: Number.POSITIVE_INFINITY },
  )
  if (from.data === undefined) return null
  const words = {
    word: (word: DiffWord) => t(`maker.diff.${word}`),
    kind: (kind: CustomInput['fields'][number]['kind']) => t(`maker.kind.${kind}`),
  }
  const parts = diffLines(draftText(from.data, words), draftText(to, words))
  if (!parts.some((part) => part.added || part.removed))
    return <p className={style.soft}>{t('maker.noDifference')}</p>
  return (
    <pre className={style.diff} tabIndex={0}>
      {parts.map((part, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one diff have no identity but their place
          key={index}
          className={part.added ? style.added : part.removed ? style.removed : style.same}
        >
          {part.value
            .replace(/\n$/, '')
            .split('\n')
            .map((line) => `${part.added ? '+' : part.removed ? '-' : ' '} ${line}\n`)
            .join('')}
        </span>
      ))}
    </pre>
  )
}
