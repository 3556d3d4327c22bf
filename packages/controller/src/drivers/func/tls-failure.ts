// Why a funcd could not be reached, as a reason and a sentence for people.

import { codeOf, type Failure, oneLine, unreachedBy } from '../../failure.ts'

const tls = (message: string): Failure => ({ reason: 'tlsFailed', message })

export interface At {
  readonly place: string
  readonly endpoint: string
  readonly legacyTls: boolean
}

const tooOld = ({ place, legacyTls }: At): Failure =>
  tls(
    legacyTls
      ? `${place} has no TLS version in common with us; a funcd that speaks only SSLv3 is reached by func-transmit: set the endpoint to mode transmit`
      : `${place} has no TLS version in common with us: try legacy TLS at the endpoint; a funcd that speaks only SSLv3 is reached by func-transmit (mode transmit)`,
  )

const WEAK = 'is signed or made too weakly for today: switch on legacy TLS at the endpoint'

/** An alert of the other side: it has looked at our certificate, and carried out nothing. */
const refusesUs =
  /ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|UNSUPPORTED_CERTIFICATE|DECRYPT_ERROR)|_ALERT_.*CERTIFICATE/

const tooOldCodes: readonly string[] = [
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
  'ERR_SSL_VERSION_TOO_LOW',
]

/** undefined: the error says nothing of how far the call had come. */
export const refusalOf = (error: Error, at: At): Failure | undefined => {
  const { place, endpoint } = at
  const unreached = unreachedBy(error, place)
  if (unreached) return unreached
  const code = codeOf(error)
  switch (code) {
    case 'EMFILE':
    case 'ENFILE':
      return tls('this controller has no file descriptors left for another connection')
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return tls(oneLine(error.message))
    case 'CERT_HAS_EXPIRED':
      return tls(`the certificate of ${place} has expired`)
    case 'CERT_NOT_YET_VALID':
      return tls(`the certificate of ${place} is not valid yet: compare the clocks`)
    case 'CERT_REVOKED':
      return tls(`the certificate of ${place} is revoked`)
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'CERT_SIGNATURE_FAILURE':
      return tls(`the certificate of ${place} is not one of the CA of the endpoint ${endpoint}`)
    case 'EE_KEY_TOO_SMALL':
    case 'CA_KEY_TOO_SMALL':
    case 'CA_MD_TOO_WEAK':
    case 'ERR_SSL_EE_KEY_TOO_SMALL':
    case 'ERR_SSL_DH_KEY_TOO_SMALL':
    case 'ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED':
    case 'ERR_SSL_WRONG_SIGNATURE_TYPE':
      return tls(`the certificate of ${place} ${WEAK}`)
  }
  if (refusesUs.test(code)) {
    return tls(`${place} did not accept the certificate of the endpoint ${endpoint}`)
  }
  if (tooOldCodes.includes(code)) return tooOld(at)
  if (/^(?:ERR_SSL_|ERR_TLS_|CERT_)/.test(code)) {
    return tls(`the TLS handshake with ${place} failed: ${oneLine(error.message)}`)
  }
  return undefined
}

/** Of a certificate and key that cannot even be read. */
export const badKeys = (error: unknown, at: At): Failure => {
  const code = error instanceof Error ? codeOf(error) : ''
  if (/TOO_SMALL|TOO_WEAK/.test(code))
    return tls(`the certificate of the endpoint ${at.endpoint} ${WEAK}`)
  const said = error instanceof Error ? oneLine(error.message) : ''
  return tls(`ca, cert or key of the endpoint ${at.endpoint} cannot be used: ${said}`)
}

export const closedFailure = ({ place }: At): Failure =>
  tls(
    `${place} closed the connection before the TLS handshake was over: it may speak only SSLv3, or be no funcd`,
  )

export const timeoutFailure = (
  { place }: At,
  stage: 'connecting' | 'handshake',
  ms: number,
): Failure => ({
  reason: 'connectTimeout',
  message:
    stage === 'connecting'
      ? `${place} did not answer within ${ms / 1000} s`
      : `${place} accepted the connection and did not finish the TLS handshake within ${ms / 1000} s`,
})
