// Looks into certificates and keys before they are kept: one that cannot be read would fail on every host later.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { EndpointInput } from '@omserver/api'
import { Problem, type Text } from '@omserver/core'

const unreadable = (field: Text): Problem =>
  new Problem('ENDPOINT_PEM_BAD', { field: { ...field } })

const fields = {
  ca: { zh: 'CA 证书', en: 'CA certificate' },
  cert: { zh: '证书', en: 'certificate' },
  key: { zh: '私钥', en: 'private key' },
} as const satisfies Record<string, Text>

const certificateOf = (pem: string, field: Text): X509Certificate => {
  try {
    return new X509Certificate(pem)
  } catch {
    throw unreadable(field)
  }
}

/** Throws Problem: ENDPOINT_PEM_BAD {field}, ENDPOINT_KEY_OTHER. */
export const checkPem = ({ kind, settings, secrets }: EndpointInput): void => {
  if (settings.ca !== undefined) certificateOf(settings.ca, fields.ca)
  if (kind !== 'func') return
  const cert = certificateOf(secrets.cert, fields.cert)
  const key = privateKeyOf(secrets.key)
  if (!cert.checkPrivateKey(key)) throw new Problem('ENDPOINT_KEY_OTHER', {})
}

const privateKeyOf = (pem: string) => {
  try {
    return createPrivateKey(pem)
  } catch {
    throw unreadable(fields.key)
  }
}
