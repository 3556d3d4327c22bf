// Settings: one's own, one's tokens, and the installation's.

import { lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'

export const settingsSearch = z.object({
  tab: z.enum(['mine', 'tokens', 'system']).optional().catch(undefined),
})

export const settingsPages = {
  settings: lazyRouteComponent(() => import('./settings-page.tsx'), 'SettingsPage'),
}
