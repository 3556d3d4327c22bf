// Settings: one's own, one's tokens, and the installation's.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybe } from '../address.ts'

export const settingsSearch = z.object({
  tab: maybe(z.enum(['mine', 'tokens', 'system'])),
})

export const settingsPages = {
  settings: lazyRouteComponent(() => import('./settings-page.tsx'), 'SettingsPage'),
}
