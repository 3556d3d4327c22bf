// The labels of a host as small tags; those that do not fit are behind a number that opens.

import { Popover } from 'antd'
import { useTexts } from '../i18n/index.ts'
import style from './label-tags.module.css'

interface LabelTagsProps {
  readonly labels: Readonly<Record<string, string>>
  /** More than these are folded into “+n”. */
  readonly most?: number
  /** Never wraps; values shrink instead. For rows of one height. */
  readonly oneLine?: boolean
}

const Tag = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <span className={style.tag} title={`${name}=${value}`}>
    <span className={style.name}>{name}</span>
    {value}
  </span>
)

export const LabelTags = ({
  labels,
  most = Number.POSITIVE_INFINITY,
  oneLine = false,
}: LabelTagsProps) => {
  const { t } = useTexts()
  const all = Object.entries(labels)
  const rest = all.slice(most)
  if (all.length === 0) return <span className="om-faint">{t('ui.noLabels')}</span>
  return (
    <span className={oneLine ? `${style.tags} ${style.oneLine}` : style.tags}>
      {all.slice(0, most).map(([name, value]) => (
        <Tag key={name} name={name} value={value} />
      ))}
      {rest.length === 0 ? null : (
        <Popover
          trigger="click"
          content={
            <span className={style.folded}>
              {rest.map(([name, value]) => (
                <Tag key={name} name={name} value={value} />
              ))}
            </span>
          }
        >
          <button
            type="button"
            className={style.more}
            aria-label={t('ui.moreLabels', { count: rest.length })}
            onClick={(event) => event.stopPropagation()}
          >
            +{rest.length}
          </button>
        </Popover>
      )}
    </span>
  )
}
