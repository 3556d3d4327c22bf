// Trust and connectivity: our public key on hosts, its rotation, and whether hosts can be reached.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybe, maybeText } from '../address.ts'
import { withTexts } from '../i18n/index.ts'

const text = maybeText(6000)

export const trustSearch = z.object({
  tab: maybe(z.enum(['check', 'establish', 'rotate'])),
  selector: text,
  credential: text,
})

export const trustPages = {
  trust: lazyRouteComponent(() => withTexts('trust', import('./trust-page.tsx')), 'TrustPage'),
}
