// How one output differs from another, line by line. Loaded only where two answers differ.

import type { AnswerMask } from '@omserver/core'
import { useMemo } from 'react'
import { maskedDiff, type Sample } from './masked-diff.ts'
import style from './runs.module.css'

interface Props {
  readonly from: Sample
  readonly to: Sample
  readonly mask: readonly AnswerMask[]
}

const signs = { same: ' ', added: '+', removed: '-' } as const

export const Difference = ({ from, to, mask }: Props) => {
  const parts = useMemo(() => maskedDiff(from, to, mask), [from, to, mask])
  return (
    <pre className={style.output} tabIndex={0}>
      {parts.map(({ kind, lines }, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one diff have no identity but their place
          key={index}
          className={style[kind]}
        >
          {lines.map((line) => `${signs[kind]} ${line}\n`).join('')}
        </span>
      ))}
    </pre>
  )
}
