// The activity log: what people did in OMServer.

import { lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'

const text = z.string().max(200).optional().catch(undefined)

export const activitySearch = z.object({
  actor: text,
  what: text,
  text,
  /** The last day, week … or `dates` for `from` and `to`. */
  span: z.enum(['day', 'week', 'month', 'dates']).optional().catch(undefined),
  /** Local dates, `2026-11-23`, both inclusive. */
  from: text,
  to: text,
  /** The entry that is open. */
  open: text,
})

export const activityPages = {
  list: lazyRouteComponent(() => import('./activity-page.tsx'), 'ActivityPage'),
}
