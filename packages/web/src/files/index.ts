// The file library: what copies put onto hosts, with its versions.

import { lazyRouteComponent } from '@tanstack/react-router'
import * as z from 'zod/mini'
import { maybeText } from '../address.ts'
import { withTexts } from '../i18n/index.ts'

export const fileSearch = z.object({
  /** Name of the file whose versions are shown. */
  open: maybeText(200),
})

export const filePages = {
  list: lazyRouteComponent(() => withTexts('files', import('./files-page.tsx')), 'FilesPage'),
}
