// Settings: one's own, one's tokens, and the installation's.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybe } from '../address.ts'
import { withTexts } from '../i18n/index.ts'

export const settingsSearch = z.object({
  tab: maybe(z.enum(['mine', 'tokens', 'system'])),
})

export const settingsPages = {
  settings: lazyRouteComponent(
    () => withTexts('users', import('./settings-page.tsx')),
    'SettingsPage',
  ),
}
