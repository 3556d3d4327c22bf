// Durations as people write them: `500ms`, `60s`, `5m`, `1h30m`, `2d`.

import { Problem } from './problem.ts'

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const MAX = 366 * 86_400_000
const part = /(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)/y

/**
 * Milliseconds, a whole number. A bare number is seconds (`90` is 90 s); units may be joined (`1h30m`).
 * Throws Problem DURATION_SYNTAX {part} for anything else, and DURATION_TOO_LONG {part, limit} above 366 days.
 */
export const parseDuration = (text: string): number => {
  const written = text.trim().toLowerCase()
  const ms = /^\d{1,12}(?:\.\d{1,6})?$/.test(written) ? Number(written) * 1000 : sumOf(written)
  const part = text.slice(0, 40)
  if (ms === undefined) throw new Problem('DURATION_SYNTAX', { part })
  if (ms > MAX) throw new Problem('DURATION_TOO_LONG', { part, limit: formatDuration(MAX) })
  return Math.round(ms)
}

const sumOf = (text: string): number | undefined => {
  let ms = 0
  let at = 0
  while (at < text.length) {
    part.lastIndex = at
    const found = part.exec(text)
    if (!found) return undefined
    ms += Number(found[1]) * (units[found[2] ?? ''] ?? 0)
    at = part.lastIndex
  }
  return text === '' ? undefined : ms
}

/** `340ms`, `4.2s`, `3m05s`, `1h02m`, `2d03h`: at most two units, in no language. Parses back to nearly the same. */
export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(ms < 9950 ? 1 : 0))}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return joined(seconds, 60, 'm', 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return joined(minutes, 60, 'h', 'm')
  return joined(Math.round(minutes / 60), 24, 'd', 'h')
}

const joined = (value: number, base: number, large: string, small: string): string => {
  const rest = value % base
  return `${Math.floor(value / base)}${large}${rest === 0 ? '' : `${String(rest).padStart(2, '0')}${small}`}`
}
