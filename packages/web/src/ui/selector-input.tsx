// Where a selector is written: the culprit is marked as it is typed, and the number of hosts is live.

import { hostRoutes } from '@omserver/api'
import { Popover } from 'antd'
import { useDeferredValue, useId } from 'react'
import { errorMessage, useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import style from './selector-input.module.css'
import { type ReadSelector, readSelector } from './selector-problem.ts'
import { TextInput } from './text-input.tsx'
import { useSettled } from './use-settled.ts'

interface SelectorInputProps {
  readonly value: string
  readonly onChange: (text: string) => void
  /** On Enter. */
  readonly onSubmit?: ((text: string) => void) | undefined
  readonly label: string
  readonly placeholder?: string
  /** How many hosts, when the caller knows already; else the server is asked. `null`: do not count. */
  readonly count?: number | null | undefined
  /** An error of matching that the caller found, such as an unknown group. */
  readonly problem?: string | undefined
  readonly autoFocus?: boolean
  readonly id?: string
}

const SETTLE_MS = 250

const Culprit = ({ text, read }: { readonly text: string; readonly read: ReadSelector }) => {
  if (read.status !== 'wrong') return null
  const before = text.slice(Math.max(0, read.from - 24), read.from)
  const part = text.slice(read.from, read.to)
  return (
    <code className={style.culprit}>
      {read.from > 24 ? '…' : ''}
      {before}
      <mark>{part === '' ? '␣' : part}</mark>
      {text.slice(read.to, read.to + 24)}
      {read.to + 24 < text.length ? '…' : ''}
    </code>
  )
}

const Examples = () => {
  const { t } = useTexts()
  const rows = [
    'web-[1-20]',
    '10.1.0.0/16',
    'idc=sz,app in (nginx,haproxy)',
    'env=prod !web-3',
    '@',
  ] as const
  const keys = ['names', 'network', 'labels', 'minus', 'group'] as const
  return (
    <dl className={style.examples}>
      {keys.map((key, index) => (
        <div key={key}>
          <dt>
            <code>{key === 'group' ? `@${t('ui.selector.groupName')}` : rows[index]}</code>
          </dt>
          <dd>{t(`ui.selector.example.${key}`)}</dd>
        </div>
      ))}
    </dl>
  )
}

export const SelectorInput = (props: SelectorInputProps) => {
  const { t, lang } = useTexts()
  const ownId = useId()
  const id = props.id ?? ownId
  const text = useDeferredValue(props.value)
  const read = readSelector(text, lang)
  const settled = useSettled(text, SETTLE_MS)
  const ask = props.count === undefined && read.status === 'ok' && settled === text
  const resolved = useAnswer(
    hostRoutes.resolve,
    { body: { selector: settled } },
    { enabled: ask, keepLast: true, staleTime: 10_000 },
  )
  const count = props.count ?? (ask ? resolved.data?.total : undefined)
  const problem =
    props.problem ?? (ask && resolved.error ? errorMessage(resolved.error, lang).text : undefined)
  const unknown = ask ? (resolved.data?.unknown ?? []) : []
  const wrong = read.status === 'wrong' || problem !== undefined
  return (
    <div className={style.field}>
      <TextInput
        id={id}
        aria-label={props.label}
        aria-describedby={`${id}-says`}
        wrong={wrong}
        clearable
        value={props.value}
        placeholder={props.placeholder ?? 'idc=sz,app=nginx'}
        className={style.input}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        autoFocus={props.autoFocus === true}
        suffix={
          <span className={style.suffix}>
            {count === undefined || read.status !== 'ok' || problem !== undefined ? null : (
              <span className={count === 0 ? style.none : style.count}>
                {t('ui.hosts', { count })}
              </span>
            )}
            <Popover trigger="click" title={t('ui.selector.title')} content={<Examples />}>
              <button type="button" className={style.help} aria-label={t('ui.selector.title')}>
                ?
              </button>
            </Popover>
          </span>
        }
        onText={props.onChange}
        onPaste={(event) => {
          // A field of one line drops line ends, and a pasted column of addresses would become one long wrong one.
          const pasted = event.clipboardData.getData('text')
          if (!/[\r\n\t]/.test(pasted)) return
          event.preventDefault()
          const { selectionStart, selectionEnd, value } = event.currentTarget
          const before = value.slice(0, selectionStart ?? value.length)
          const after = value.slice(selectionEnd ?? value.length)
          props.onChange(`${before}${pasted.trim().replace(/\s+/g, ' ')}${after}`)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) props.onSubmit?.(props.value)
        }}
      />
      <div id={`${id}-says`} aria-live="polite" className={style.says}>
        {read.status === 'wrong' ? (
          <span className={style.wrong}>
            {read.message} <Culprit text={text} read={read} />
          </span>
        ) : problem !== undefined ? (
          <span className={style.wrong}>{problem}</span>
        ) : unknown.length > 0 ? (
          <span className={style.unknown}>
            {t('ui.selector.unknown', {
              names: unknown.slice(0, 8).join(', '),
              count: unknown.length,
            })}
          </span>
        ) : null}
      </div>
    </div>
  )
}
