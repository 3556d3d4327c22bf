// Shows the certificate of this controller to whoever reads its presence.

import type { Clock } from '@omserver/core'
import { type Idc, type SignedJson, type Signer, signHello } from '@omserver/engine'

/** A certificate that was renewed is shown after this time. */
const SIGN_AGAIN_MS = 60_000

export const createIntroduction = (
  signer: Signer,
  own: { readonly name: string; readonly sealKey: string },
  clock: Clock,
): ((idc: Idc) => Promise<SignedJson>) => {
  const signed = new Map<Idc, { readonly until: number; readonly hello: SignedJson }>()
  return async (idc) => {
    const before = signed.get(idc)
    if (before && clock.monotonic() < before.until) return before.hello
    const hello = await signHello(signer, { idc, ...own })
    signed.set(idc, { until: clock.monotonic() + SIGN_AGAIN_MS, hello })
    return hello
  }
}
