// Reads the sealing key out of a certificate. Node does not show extensions that it does not know.

import { X509Certificate } from '@peculiar/x509'
import { SEAL_KEY_OID, sealKeyOfValue } from './seal-key-extension.ts'

/** @param certificate DER, or PEM. Base64; undefined: there is none in it */
export const certifiedSealKey = (certificate: Uint8Array | string): string | undefined => {
  const given = typeof certificate === 'string' ? certificate : new Uint8Array(certificate)
  const extension = new X509Certificate(given).getExtension(SEAL_KEY_OID)
  return extension ? sealKeyOfValue(new Uint8Array(extension.value)) : undefined
}
