// Users, user groups and what they are granted; API tokens.

import { lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'

export { TokensPanel } from './tokens-panel.tsx'

export const userSearch = z.object({
  tab: z.enum(['users', 'teams']).optional().catch(undefined),
  /** `new`, or the id of the one that is open. */
  edit: z.string().max(64).optional().catch(undefined),
})

export const userPages = {
  list: lazyRouteComponent(() => import('./users-page.tsx'), 'UsersPage'),
}
