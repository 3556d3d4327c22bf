// What the addresses of these pages say.

import { z } from 'zod'

export const moduleSearch = z.object({ text: z.string().max(200).optional().catch(undefined) })

/** `id`: the module that is open in the editor; `new` is one that is being made. */
export const customSearch = z.object({ id: z.string().max(64).optional().catch(undefined) })
