// A time as people say it, with the exact one at hand: hover, focus, and for screen readers.

import { Tooltip } from 'antd'
import { useSyncExternalStore } from 'react'
import { useTexts } from '../i18n/index.ts'

/** A time just past is told in seconds, so it moves by the second; one that is told in minutes need not. */
const TICK_MS = 1_000
const YOUNG_MS = 60_000
const COARSE_MS = 15_000
let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** One timer for every time on the page; it rests when none is shown. */
const listen = (tell: () => void) => {
  listeners.add(tell)
  now = Date.now()
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, TICK_MS)
  return () => {
    listeners.delete(tell)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

interface RelativeTimeProps {
  /** ms since 1970; null or undefined shows a dash. */
  readonly at: number | null | undefined
}

export const RelativeTime = ({ at }: RelativeTimeProps) => {
  const texts = useTexts()
  // A number that changes only as often as what is shown: a list of old times is not drawn every second.
  const seen = useSyncExternalStore(listen, () => {
    const age = Math.abs(now - (at ?? 0))
    return age < YOUNG_MS ? now : Math.floor(now / COARSE_MS) * COARSE_MS
  })
  if (at === null || at === undefined) return <span className="om-faint">–</span>
  const exact = texts.exactTime(at)
  return (
    <Tooltip title={exact}>
      <time dateTime={new Date(at).toISOString()} className="om-nowrap">
        {texts.relativeTime(at, seen)}
      </time>
    </Tooltip>
  )
}
