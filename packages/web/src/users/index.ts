// Users, user groups and what they are granted; API tokens.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybe, maybeText } from '../address.ts'
import { withTexts } from '../i18n/index.ts'

export { TokensPanel } from './tokens-panel.tsx'

export const userSearch = z.object({
  tab: maybe(z.enum(['users', 'teams'])),
  /** `new`, or the id of the one that is open. */
  edit: maybeText(64),
})

export const userPages = {
  list: lazyRouteComponent(() => withTexts('users', import('./users-page.tsx')), 'UsersPage'),
}
