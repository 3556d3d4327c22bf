// The address of the server as people write it, down to the part that counts.

import { EXIT_USAGE, ExitError } from './exit.ts'
import { say } from './lang.ts'

/** Without a path or a closing slash. Throws ExitError for what is no http address. */
export const serverUrl = (text: string): string => {
  try {
    const url = new URL(text)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url.origin
  } catch {
    // said below, with the same words as for any other unusable address
  }
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `地址应形如 http://127.0.0.1:8640：${text}`,
      en: `The address looks like http://127.0.0.1:8640, not ${text}`,
    }),
  )
}
