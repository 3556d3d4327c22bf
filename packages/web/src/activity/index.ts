// The activity log: what people did in OMServer.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybe, maybeText } from '../address.ts'
import { withTexts } from '../i18n/index.ts'

const text = maybeText(200)

export const activitySearch = z.object({
  actor: text,
  what: text,
  text,
  /** The last day, week … or `dates` for `from` and `to`. */
  span: maybe(z.enum(['day', 'week', 'month', 'dates'])),
  /** Local dates, `2026-11-23`, both inclusive. */
  from: text,
  to: text,
  /** The entry that is open. */
  open: text,
})

export const activityPages = {
  list: lazyRouteComponent(
    () => withTexts('activity', import('./activity-page.tsx')),
    'ActivityPage',
  ),
}
