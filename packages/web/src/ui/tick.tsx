// A plain tick box, for tables of many rows: the browser's own costs nothing to draw.

import { type ChangeEvent, useEffect, useRef } from 'react'
import style from './tick.module.css'

interface TickProps {
  readonly label: string
  readonly checked: boolean
  readonly partly?: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean, shift: boolean) => void
}

export const Tick = ({ label, checked, partly = false, disabled = false, onChange }: TickProps) => {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = partly
  }, [partly])
  return (
    <input
      ref={box}
      type="checkbox"
      className={style.tick}
      aria-label={label}
      checked={checked}
      disabled={disabled}
      onChange={(event: ChangeEvent<HTMLInputElement>) => {
        const { nativeEvent } = event
        onChange(event.target.checked, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
      }}
    />
  )
}
