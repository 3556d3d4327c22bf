// What can be wrong with salt-api itself, in words that say what to do.

import type { HostEnd } from '@omserver/core'

type TroubleKind = 'down' | 'certificate' | 'login' | 'forbidden' | 'refused' | 'answer'

export class SaltTrouble extends Error {
  readonly kind: TroubleKind
  /** The request may have arrived, and been carried out. */
  readonly mayHaveActed: boolean

  constructor(kind: TroubleKind, message: string, mayHaveActed = false) {
    super(message)
    this.kind = kind
    this.mayHaveActed = mayHaveActed
  }
}

const MESSAGE_CHARACTERS = 500

export const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_CHARACTERS)

/** Of a host to which nothing was sent. */
export const notSent = (error: unknown): HostEnd => {
  const message = wordsOf(error)
  if (!(error instanceof SaltTrouble)) return { state: 'failed', reason: 'driverError', message }
  // Salt was there, and said no: trying again changes nothing.
  if (error.kind === 'forbidden' || error.kind === 'refused') {
    return { state: 'failed', reason: 'driverError', message, leftRunning: 'no' }
  }
  return { state: 'unreachable', reason: 'endpointFailed', message }
}

const certificateCodes: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name than the one in the url',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is not signed by the CA of the endpoint',
  SELF_SIGNED_CERT_IN_CHAIN: 'it is not signed by the CA of the endpoint',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it is not signed by the CA of the endpoint',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'it is not signed by the CA of the endpoint',
  CERT_SIGNATURE_FAILURE: 'it is not signed by the CA of the endpoint',
}

const notSentCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection: is salt-api running?',
  ENOTFOUND: 'has a name that cannot be resolved',
  EAI_AGAIN: 'has a name that cannot be resolved',
  EHOSTUNREACH: 'cannot be reached: no route',
  ENETUNREACH: 'cannot be reached: no route',
}

/** @param place the address of salt-api, for people */
export const troubleOf = (error: unknown, place: string): SaltTrouble => {
  if (error instanceof SaltTrouble) return error
  const code = codeOf(error)
  const wrong = certificateCodes[code]
  if (wrong !== undefined || code.startsWith('ERR_SSL') || code.startsWith('CERT_')) {
    const why = wrong ?? `the TLS connection failed (${code})`
    return new SaltTrouble('certificate', `the certificate of ${place} is not accepted: ${why}`)
  }
  const known = notSentCodes[code]
  if (known !== undefined) return new SaltTrouble('down', `${place} ${known}`)
  return new SaltTrouble('down', `${place} does not answer: ${wordsOf(error)}`, true)
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
