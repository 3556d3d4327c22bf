// What the addresses of these pages say.

import { z } from 'zod'

export const moduleSearch = z.object({ text: z.string().max(200).optional().catch(undefined) })

export const editorTabs = ['what', 'form', 'script', 'try', 'versions'] as const
export type EditorTab = (typeof editorTabs)[number]

/** `id`: the module that is open in the editor; `new` is one that is being made. */
export const customSearch = z.object({
  id: z.string().max(64).optional().catch(undefined),
  tab: z.enum(editorTabs).optional().catch(undefined),
})
export type CustomSearch = z.output<typeof customSearch>
