// Numbers that people type as options: refused here in words, because JSON would carry a NaN as "nothing".

import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'

/** undefined: the option was not given. Throws ExitError for what is not a whole number from `least` on. */
export const wholeNumber = <T extends string | undefined>(
  option: string,
  text: T,
  least = 0,
): number | (T extends string ? never : undefined) => {
  if (text === undefined) return undefined as T extends string ? never : undefined
  if (/^\d{1,15}$/.test(text) && Number(text) >= least) return Number(text)
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `${option} 应为不小于 ${least} 的整数：${text}`,
      en: `${option} takes a whole number from ${least} on, not ${text}`,
    }),
  )
}
