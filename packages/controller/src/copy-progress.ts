// Says how far a long transfer is: a line now and then, however much is sent.

import type { Clock } from '@omserver/core'

const EVERY_MS = 3_000

const amount = (bytes: number): string => {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`
}

/** Call with how much has been sent. A transfer that takes less than some seconds says nothing. */
export const copyProgress = (
  total: number,
  clock: Pick<Clock, 'monotonic'>,
  say: (line: string) => void,
): ((sent: number) => void) => {
  let since: { readonly at: number; readonly sent: number } | undefined
  return (sent) => {
    const at = clock.monotonic()
    since ??= { at, sent }
    const took = at - since.at
    if (took < EVERY_MS) return
    const percent = Math.floor((sent / total) * 100)
    const rate = ((sent - since.sent) / took) * 1000
    since = { at, sent }
    say(`copy: ${percent} % of ${amount(total)}, ${amount(rate)}/s`)
  }
}
