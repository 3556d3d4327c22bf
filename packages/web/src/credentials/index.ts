// Credentials: what hosts are entered with. Written here, never read back.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybeText } from '../address.ts'

export const credentialSearch = z.object({
  /** `new`, or the id of the one being changed. */
  edit: maybeText(64),
})

export const credentialPages = {
  list: lazyRouteComponent(() => import('./credentials-page.tsx'), 'CredentialsPage'),
}
