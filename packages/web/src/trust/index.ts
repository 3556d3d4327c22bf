// Trust and connectivity: our public key on hosts, its rotation, and whether hosts can be reached.

import { lazyRouteComponent } from '@tanstack/react-router'
import { z } from 'zod'

const text = z.string().max(6000).optional().catch(undefined)

export const trustSearch = z.object({
  tab: z.enum(['check', 'establish', 'rotate']).optional().catch(undefined),
  selector: text,
  credential: text,
})

export const trustPages = {
  trust: lazyRouteComponent(() => import('./trust-page.tsx'), 'TrustPage'),
}
