// Sealing, loaded when somebody asks for it: `om up` needs none.

import type { Verifier } from '../signing/signing.ts'
import type { ControllerSealing, OpenDirect } from './controller-sealing.ts'
import type { Sealing } from './sealing.ts'
import type { ServerSealingParts } from './server-sealing.ts'

export type { ControllerSealing, OpenDirect } from './controller-sealing.ts'
export type { ServerSealingParts } from './server-sealing.ts'

/** See server-sealing.ts. */
export const serverSealing = async (parts: ServerSealingParts): Promise<Sealing> =>
  (await import('./server-sealing.ts')).serverSealing(parts)

/** See controller-sealing.ts. */
export const controllerSealing = async (
  privateKey: string,
  proof?: { readonly verifier: Verifier; readonly now: () => number },
  openDirect?: OpenDirect,
): Promise<ControllerSealing> =>
  (await import('./controller-sealing.ts')).controllerSealing(privateKey, proof, openDirect)
