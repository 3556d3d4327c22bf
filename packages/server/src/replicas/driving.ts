// What the server that drives says of itself, for those that stand by.

import { z } from 'zod'

/** Written by another process, perhaps by another version. */
const drivingSchema = z.object({
  /** For people. */
  name: z.string(),
  /** Of this one time at the wheel: a request that was meant for another is refused. */
  id: z.string(),
  /** HOST:PORT. */
  address: z.string(),
  /** SHA-256 of the certificate it shows; absent: it speaks plain HTTP. */
  fingerprint: z.string().optional(),
})
export type Driving = z.output<typeof drivingSchema>

/** undefined: nobody says anything, or nothing that we understand. */
export const parseDriving = (stored: string | undefined): Driving | undefined => {
  if (stored === undefined) return undefined
  try {
    return drivingSchema.parse(JSON.parse(stored))
  } catch {
    return undefined
  }
}
