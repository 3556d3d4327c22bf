// Signing in, and changing one's password.

import { lazyRouteComponent } from '@tanstack/react-router'
import { lazy } from 'react'
import * as z from 'zod/mini'
import { maybeText } from '../address.ts'

export { PasswordForm } from './password-form.tsx'

export const loginSearch = z.object({
  /** Where to go afterwards. */
  next: maybeText(100_000),
})

export const authPages = {
  login: lazyRouteComponent(() => import('./login-page.tsx'), 'LoginPage'),
  // No route loads it beforehand, as the router does for its own lazy components.
  forced: lazy(async () => ({
    default: (await import('./forced-password.tsx')).ForcedPassword,
  })),
  again: lazy(async () => ({ default: (await import('./sign-in-again.tsx')).SignInAgain })),
}
