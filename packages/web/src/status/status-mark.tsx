// A state as a mark: colour and shape together, and its name for those who see neither.

import type { HostState, RunState } from '@omserver/core'
import { useTexts } from '../i18n/index.ts'
import { hostStatus, runStatus, type StatusToken, shapes } from '../tokens.ts'
import style from './status-mark.module.css'

interface MarkProps {
  readonly token: StatusToken
  readonly label: string
  /** Only the mark; the name is then its tooltip and accessible name. */
  readonly bare: boolean
  readonly size: number
  readonly spinning: boolean
}

const Mark = ({ token, label, bare, size, spinning }: MarkProps) => (
  <span
    className={style.mark}
    style={{ '--mark-light': token.light, '--mark-dark': token.dark }}
    title={bare ? label : undefined}
  >
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      className={spinning ? style.spinning : undefined}
      role={bare ? 'img' : undefined}
      aria-label={bare ? label : undefined}
      aria-hidden={bare ? undefined : true}
    >
      <path d={shapes[token.shape]} fill="currentColor" fillRule="evenodd" />
    </svg>
    {bare ? null : <span className={style.name}>{label}</span>}
  </span>
)

interface HostStatusProps {
  readonly state: HostState
  readonly bare?: boolean
  readonly size?: number
}

export const HostStatusMark = ({ state, bare = false, size = 14 }: HostStatusProps) => {
  const { t } = useTexts()
  return (
    <Mark
      token={hostStatus[state]}
      label={t(`status.host.${state}`)}
      bare={bare}
      size={size}
      spinning={state === 'running'}
    />
  )
}

interface WordMarkProps {
  /** Its colour and shape are those of this state of a host. */
  readonly like: HostState
  readonly label: string
}

/** For what has states of its own, and means the same by them. */
export const WordMark = ({ like, label }: WordMarkProps) => (
  <Mark token={hostStatus[like]} label={label} bare={false} size={14} spinning={false} />
)

interface RunStatusProps {
  readonly state: RunState
  readonly bare?: boolean
  readonly size?: number
}

export const RunStatusMark = ({ state, bare = false, size = 14 }: RunStatusProps) => {
  const { t } = useTexts()
  return (
    <Mark
      token={runStatus[state]}
      label={t(`status.run.${state}`)}
      bare={bare}
      size={size}
      spinning={state === 'running'}
    />
  )
}
