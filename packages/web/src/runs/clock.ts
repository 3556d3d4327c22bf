// Time that moves on the screen while something is running.

import { useEffect, useState } from 'react'

/** `Date.now()`, renewed every `everyMs` while `moving`. */
export const useNow = (moving: boolean, everyMs = 500): number => {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    setNow(Date.now())
    if (!moving) return
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [moving, everyMs])
  return now
}

/** `1:02:09`, `4:07`, `3.2 s`. */
export const clockText = (ms: number): string => {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}
