// Signing in, and changing one's password.

import { lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'

export { PasswordForm } from './password-form.tsx'

export const loginSearch = z.object({
  /** Where to go afterwards. */
  next: z.string().max(100_000).optional().catch(undefined),
  expired: z.boolean().optional().catch(undefined),
})

export const authPages = {
  login: lazyRouteComponent(() => import('./login-page.tsx'), 'LoginPage'),
  forced: lazyRouteComponent(() => import('./forced-password.tsx'), 'ForcedPassword'),
}
