// What the addresses of these pages say.

import * as z from 'zod/mini'
import { maybe, maybeText } from '../address.ts'

export const moduleSearch = z.object({ text: maybeText(200) })

export const editorTabs = ['what', 'form', 'script', 'running', 'try', 'versions'] as const
export type EditorTab = (typeof editorTabs)[number]

/** `id`: the module that is open in the editor; `new` is one that is being made. */
export const customSearch = z.object({
  id: maybeText(64),
  tab: maybe(z.enum(editorTabs)),
})
