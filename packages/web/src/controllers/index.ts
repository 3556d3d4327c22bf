// Controllers: who carries runs out in each IDC, and what is wrong where nobody does.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybeText } from '../address.ts'
import { withTexts } from '../i18n/index.ts'

export const controllerSearch = z.object({
  /** Name of the controller that is to be enrolled, or `new`. */
  enroll: maybeText(64),
})

export const controllerPages = {
  list: lazyRouteComponent(
    () => withTexts('controllers', import('./controllers-page.tsx')),
    'ControllersPage',
  ),
}
