// How one output differs from another, line by line. Loaded only where two answers differ.

import { diffLines } from 'diff'
import { useMemo } from 'react'
import style from './runs.module.css'

interface Props {
  readonly from: string
  readonly to: string
}

export const Difference = ({ from, to }: Props) => {
  const parts = useMemo(() => diffLines(from, to), [from, to])
  return (
    <pre className={style.output} tabIndex={0}>
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
