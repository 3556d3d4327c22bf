// A page with nothing on it yet: says what would be here, and the next step.

import type { ReactNode } from 'react'
import style from './empty-state.module.css'

interface EmptyStateProps {
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
  readonly small?: boolean
  /** It is all there is on the page, so its title is the page's. */
  readonly whole?: boolean
}

export const EmptyState = ({
  title,
  children,
  actions,
  small = false,
  whole = false,
}: EmptyStateProps) => {
  const Title = whole ? 'h1' : 'h2'
  return (
    <div className={small ? `${style.empty} ${style.small}` : style.empty}>
      <svg viewBox="0 0 64 40" width={small ? 48 : 80} aria-hidden="true" className={style.picture}>
        <g fill="none" stroke="currentColor" strokeWidth="1.6">
          <rect x="4" y="4" width="56" height="9" rx="2" />
          <rect x="4" y="16" width="56" height="9" rx="2" strokeDasharray="3 3" />
          <rect x="4" y="28" width="56" height="9" rx="2" strokeDasharray="3 3" />
          <circle cx="10" cy="8.5" r="1.4" />
        </g>
      </svg>
      <Title className={style.title}>{title}</Title>
      {children === undefined ? null : <div className={style.body}>{children}</div>}
      {actions === undefined ? null : <div className={style.actions}>{actions}</div>}
    </div>
  )
}
