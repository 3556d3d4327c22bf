// Numbers that people type as options: refused here in words, because JSON would carry a NaN as "nothing".

import { formatDuration, parseDuration } from '@omserver/core'
import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'

/** undefined: the option was not given. Throws ExitError for what is not a whole number from `least` to `most`. */
export const wholeNumber = <T extends string | undefined>(
  option: string,
  text: T,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
): number | (T extends string ? never : undefined) => {
  if (text === undefined) return undefined as T extends string ? never : undefined
  if (/^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw new ExitError(
    EXIT_USAGE,
    most === Number.MAX_SAFE_INTEGER
      ? say({
          zh: `${option} 应为不小于 ${least} 的整数：${text}`,
          en: `${option} takes a whole number from ${least} on, not ${text}`,
        })
      : say({
          zh: `${option} 应为 ${least} 到 ${most} 的整数：${text}`,
          en: `${option} takes a whole number from ${least} to ${most}, not ${text}`,
        }),
  )
}

/** Milliseconds. Throws Problem for what is no duration, ExitError for one that is too short or too long. */
export const duration = (
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined => {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms >= least && ms <= most) return ms
  const [from, to] = [formatDuration(least), formatDuration(most)]
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `${option} 应在 ${from} 到 ${to} 之间：${text}`,
      en: `${option} takes ${from} to ${to}, not ${text}`,
    }),
  )
}
