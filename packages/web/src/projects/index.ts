// Projects of playbooks: where they come from, and what can be played.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybeText } from '../address.ts'
import { withTexts } from '../i18n/index.ts'

export const projectSearch = z.object({
  /** `new`, or the id of the one being changed. */
  edit: maybeText(64),
})

export const projectPages = {
  list: lazyRouteComponent(
    () => withTexts('projects', import('./projects-page.tsx')),
    'ProjectsPage',
  ),
}
