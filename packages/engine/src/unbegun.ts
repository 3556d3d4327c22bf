// What the server asks every controller of an IDC when the engine has lost its store: which hosts of the slices that
// were handed out has nobody begun, and never will?

import { z } from 'zod'

/** Why a delivery was lost, see `Delivery.lost`. */
export const STORE_LOST = 'storeLost'

/** Method of the call. */
export const UNBEGUN = 'slices.unbegun'

export const unbegunQuestion = z.object({ slices: z.array(z.string()) })

export const unbegunAnswer = z.object({
  /** Taken from the new store: they go on. */
  held: z.array(z.string()),
  /**
   * By slice: its hosts to which nothing was sent and nothing will be. Only of slices that were held when the store
   * was lost, for then nobody else can have had them.
   */
  unbegun: z.record(z.string(), z.array(z.string())),
})
export type UnbegunAnswer = z.output<typeof unbegunAnswer>
