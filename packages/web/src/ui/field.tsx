// A labelled control: its name above, what it is for below, its error where it belongs.

import { type ReactNode, useId } from 'react'
import style from './field.module.css'

interface FieldProps {
  readonly label: string
  readonly help?: ReactNode
  readonly error?: ReactNode
  readonly required?: boolean
  /** Of the control, where something outside knows it by that; else its own. */
  readonly id?: string | undefined
  /** Gives the control its id and the id of what describes it. */
  readonly children: (control: {
    readonly id: string
    readonly 'aria-describedby': string
  }) => ReactNode
}

export const Field = ({
  label,
  help,
  error,
  required = false,
  id: givenId,
  children,
}: FieldProps) => {
  const ownId = useId()
  const id = givenId ?? ownId
  const says = `${id}-says`
  return (
    <div className={style.field}>
      <label htmlFor={id} className={style.label}>
        {label}
        {required ? (
          <span className={style.required} aria-hidden="true">
            {' '}
            *
          </span>
        ) : null}
      </label>
      {children({ id, 'aria-describedby': says })}
      <div id={says}>
        {error ? (
          <div className={style.error} role="alert">
            {error}
          </div>
        ) : help ? (
          <div className={style.help}>{help}</div>
        ) : null}
      </div>
    </div>
  )
}
