// A number beside a name, grouped in thousands, in figures that do not dance.

import { useTexts } from '../i18n/index.ts'

interface CountBadgeProps {
  readonly count: number
  readonly tone?: 'plain' | 'accent' | 'danger' | 'warning'
  /** What is counted, for those who do not see where it stands. */
  readonly label?: string
}

export const CountBadge = ({ count, tone = 'plain', label }: CountBadgeProps) => {
  const { number } = useTexts()
  return (
    <span className={`om-count om-count-${tone}`} title={label}>
      {number(count)}
      {label === undefined ? null : <span className="om-unseen"> {label}</span>}
    </span>
  )
}
