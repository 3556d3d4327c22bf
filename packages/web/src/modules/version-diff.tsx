// What changed from a saved version to what is in the editor now.

import { type CustomInput, moduleRoutes } from '@omserver/api'
import { diffLines } from 'diff'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import style from './modules.module.css'

const textOf = ({ script, ...rest }: CustomInput): string =>
  `${script.content}\n--- ${script.interpreter}\n${JSON.stringify(rest, null, 2)}\n`

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
  const parts = diffLines(textOf(from.data), textOf(to))
  if (!parts.some((part) => part.added || part.removed))
    return <p className={style.soft}>{t('modules.noDifference')}</p>
  return (
    <pre className={style.diff} tabIndex={0}>
      {parts.map((part, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one diff have no identity but their place
          key={index}
          className={part.added ? style.added : part.removed ? style.removed : undefined}
        >
          {part.value}
        </span>
      ))}
    </pre>
  )
}
