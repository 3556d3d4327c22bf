// One host of a run: how it ended, why, what to do, and its output as it comes.

import { type HostResultView, runRoutes } from '@omserver/api'
import { type EndReason, endAdvice, endMessage, stripTerminal } from '@omserver/core'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Drawer, Space } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { client } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { clockText } from './clock.ts'
import { HostSteps } from './host-steps.tsx'
import { useIdcs } from './idcs.ts'
import style from './runs.module.css'

interface Piece {
  readonly stream: 'stdout' | 'stderr'
  readonly offset: number
  readonly text: string
}

interface Output {
  readonly pieces: readonly Piece[]
  readonly next: number | null
  readonly gapAt: number | null
  readonly truncated: boolean
  readonly bytes: number
}

/** Output shown at once; more is asked for. A browser lays out a few MB of text, not hundreds. */
const PART = 256 * 1024

const useOutput = (runId: string, row: HostResultView) => {
  const [output, setOutput] = useState<Output>()
  const key = `${runId} ${row.hostId} ${row.attempt}`
  const read = async (from: number, before: readonly Piece[], signal: AbortSignal) => {
    const part = await client.call(runRoutes.output, {
      params: { id: runId, hostId: row.hostId },
      query: { attempt: row.attempt, from, bytes: PART },
      signal,
    })
    setOutput({
      pieces: [...before, ...part.pieces],
      next: part.next,
      gapAt: part.gapAt,
      truncated: part.truncated,
      bytes: part.outputBytes,
    })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again when the host, its attempt or its state changes
  useEffect(() => {
    const leave = new AbortController()
    const again = () => read(0, [], leave.signal).catch(() => {})
    void again()
    const timer = row.state === 'running' ? setInterval(again, 1000) : undefined
    return () => {
      leave.abort()
      clearInterval(timer)
    }
  }, [key, row.state])
  const more = () => {
    if (output?.next == null) return
    void read(output.next, output.pieces, new AbortController().signal)
  }
  return { output, more }
}

interface Props {
  readonly runId: string
  readonly row: HostResultView | undefined
  readonly onClose: () => void
}

export const HostPanel = ({ runId, row, onClose }: Props) => {
  const { t } = useTexts()
  return (
    <Drawer
      open={row !== undefined}
      onClose={onClose}
      title={row === undefined ? '' : row.name}
      size="large"
      destroyOnHidden
      aria-label={row === undefined ? t('runs.host') : row.name}
    >
      {row !== undefined && <HostDetail key={row.hostId} runId={runId} row={row} />}
    </Drawer>
  )
}

const HostDetail = ({ runId, row }: { readonly runId: string; readonly row: HostResultView }) => {
  const { t, say, exactTime } = useTexts()
  const { nameOf } = useIdcs()
  const { output, more } = useOutput(runId, row)
  const [wrap, setWrap] = useState(true)
  const [follow, setFollow] = useState(true)
  const end = useRef<HTMLPreElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new output is what moves the view
  useEffect(() => {
    if (follow && row.state === 'running') end.current?.scrollTo({ top: end.current.scrollHeight })
  }, [output, follow, row.state])
  const message = row.message === null ? null : say(endMessage(row.message))
  const advice = row.reason === null ? undefined : endAdvice[row.reason as EndReason]
  return (
    <>
      <p className={style.hostHead}>
        <HostStatusMark state={row.state} />
        <span>{row.address}</span>
        <span>{nameOf(row.idc)}</span>
        {row.exit !== null && (
          <span>
            {t(row.state === 'ok' && row.exit !== 0 ? 'runs.okExit' : 'runs.exit', {
              exit: row.exit,
            })}
          </span>
        )}
        {row.durationMs !== null && <span>{clockText(row.durationMs)}</span>}
        {row.changed !== null && (
          <span>{row.changed ? t('runs.changed') : t('runs.unchanged')}</span>
        )}
        {row.startedAt !== null && <span>{exactTime(row.startedAt)}</span>}
      </p>
      {(row.message !== null || advice !== undefined) && row.state !== 'ok' && (
        <Alert
          type={row.state === 'failed' || row.state === 'unreachable' ? 'error' : 'warning'}
          title={advice === undefined ? message : say(advice.title)}
          description={
            <>
              {advice !== undefined && message !== null && <div>{message}</div>}
              {advice !== undefined && <div>{say(advice.advice)}</div>}
            </>
          }
        />
      )}
      {row.leftRunning !== null && row.leftRunning !== 'no' && (
        <Alert type="warning" title={t(`runs.leftRunning.${row.leftRunning}`)} />
      )}
      <HostSteps runId={runId} row={row} />
      <Space wrap className={style.outputTools}>
        <Button size="small" aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
          {wrap ? t('runs.noWrap') : t('runs.wrap')}
        </Button>
        {row.state === 'running' && (
          <Button size="small" aria-pressed={follow} onClick={() => setFollow(!follow)}>
            {follow ? t('runs.unfollow') : t('runs.follow')}
          </Button>
        )}
        <Button
          size="small"
          href={client.url(runRoutes.rawOutput, {
            params: { id: runId, hostId: row.hostId },
            query: { attempt: row.attempt },
          })}
        >
          {t('runs.download')}
        </Button>
        <Link to="/hosts/$hostId" params={{ hostId: row.hostId }}>
          {t('runs.hostPage')}
        </Link>
      </Space>
      {output?.truncated && (
        <p className={style.soft}>{t('runs.truncated', { bytes: output.bytes })}</p>
      )}
      <pre ref={end} className={`${style.outputTall} ${wrap ? style.wrapped : ''}`} tabIndex={0}>
        {output?.pieces.length === 0 && <span className={style.soft}>{t('runs.emptyOutput')}</span>}
        {output?.pieces.map((piece) => (
          <span
            key={`${piece.offset}${piece.stream}`}
            className={piece.stream === 'stderr' ? style.stderr : undefined}
          >
            {output.gapAt !== null && piece.offset === output.gapAt && (
              <span className={style.gap}>{t('runs.gap')}</span>
            )}
            {stripTerminal(piece.text)}
          </span>
        ))}
      </pre>
      {output?.next != null && (
        <Button onClick={more} block>
          {t('runs.moreOutput')}
        </Button>
      )}
    </>
  )
}
