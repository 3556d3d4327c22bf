// The head of every page: where one is, the one number that matters, and what can be done here.

import { Link, type LinkProps } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import style from './page-header.module.css'

interface PageHeaderProps {
  readonly title: string
  /** Beside the title: a count, a state. */
  readonly extra?: ReactNode
  /** Below the title, one line. */
  readonly note?: ReactNode
  readonly actions?: ReactNode
  readonly back?: { readonly to: LinkProps['to']; readonly label: string }
}

export const PageHeader = ({ title, extra, note, actions, back }: PageHeaderProps) => {
  useEffect(() => {
    document.title = `${title} · OMServer`
  }, [title])
  return (
    <header className={style.header}>
      <div className={style.text}>
        {back === undefined ? null : (
          <Link to={back.to} className={style.back}>
            ← {back.label}
          </Link>
        )}
        <div className={style.line}>
          <h1 className={style.title}>{title}</h1>
          {extra}
        </div>
        {note === undefined ? null : <p className={style.note}>{note}</p>}
      </div>
      {actions === undefined ? null : <div className={style.actions}>{actions}</div>}
    </header>
  )
}
