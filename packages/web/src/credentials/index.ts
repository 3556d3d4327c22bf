// Credentials: what hosts are entered with. Written here, never read back.

import { lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'

export const credentialSearch = z.object({
  /** `new`, or the id of the one being changed. */
  edit: z.string().max(64).optional().catch(undefined),
})

export const credentialPages = {
  list: lazyRouteComponent(() => import('./credentials-page.tsx'), 'CredentialsPage'),
}
