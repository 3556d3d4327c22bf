// A number as it was typed: what does not fit stays in the field, with the reason below, and is never replaced by another.

import { type ComponentProps, useEffect, useRef, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { Field } from './field.tsx'
import { type NumberLimits, numberProblem, readNumber } from './number-limits.ts'
import { TextInput } from './text-input.tsx'

interface NumberInputProps
  extends NumberLimits,
    Omit<ComponentProps<typeof TextInput>, keyof NumberLimits | 'value' | 'onText' | 'wrong'> {
  /** NaN: a text that is no number. */
  readonly value: number | undefined
  /** Whatever was typed, limits or not: ask `numberProblem` before it is sent. */
  readonly onNumber: (value: number | undefined) => void
  readonly wrong?: boolean
}

const textOf = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '' : String(value)

/** Without label and error; `NumberField` has both. */
export const NumberInput = ({
  value,
  onNumber,
  min,
  max,
  integer,
  required,
  wrong = false,
  ...rest
}: NumberInputProps) => {
  const [text, setText] = useState(() => textOf(value))
  const told = useRef(value)
  useEffect(() => {
    // Only what comes from outside: “1.” is 1 as well, and must not lose its point while it is typed.
    if (Object.is(value, told.current)) return
    told.current = value
    setText(textOf(value))
  }, [value])
  const take = (next: string) => {
    setText(next)
    told.current = readNumber(next)
    onNumber(told.current)
  }
  const step = (by: number) => {
    const from = readNumber(text) ?? min ?? 0
    const next = Math.min(max ?? Infinity, Math.max(min ?? -Infinity, from + by))
    if (Number.isFinite(next)) take(String(next))
  }
  return (
    <TextInput
      {...rest}
      inputMode={integer === true ? 'numeric' : 'decimal'}
      autoComplete="off"
      aria-required={required}
      wrong={wrong || numberProblem(readNumber(text), { min, max, integer }) !== undefined}
      value={text}
      onText={take}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
        event.preventDefault()
        step(event.key === 'ArrowUp' ? 1 : -1)
      }}
    />
  )
}

/** The reason in words; undefined: nothing is wrong. */
export const useNumberProblem = () => {
  const { t, number } = useTexts()
  return (value: number | undefined, limits: NumberLimits): string | undefined => {
    const problem = numberProblem(value, limits)
    if (problem === undefined) return undefined
    return t(`ui.number.${problem}`, {
      min: number(limits.min ?? 0),
      max: number(limits.max ?? 0),
    })
  }
}

interface NumberFieldProps extends Omit<NumberInputProps, 'id' | 'wrong'> {
  readonly label: string
  readonly help?: ComponentProps<typeof Field>['help']
  /** What the server found. */
  readonly error?: string | undefined
  readonly id?: string
}

/** A labelled number that says what is wrong with it. */
export const NumberField = ({ label, help, error, id, ...rest }: NumberFieldProps) => {
  const problem = useNumberProblem()(rest.value, rest) ?? error
  return (
    <Field label={label} help={help} error={problem} required={rest.required === true} id={id}>
      {(control) => <NumberInput {...rest} {...control} wrong={problem !== undefined} />}
    </Field>
  )
}
