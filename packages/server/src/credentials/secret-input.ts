// What a person gives as the secret of a credential: checked against its type, and made ready to be sealed.

import type { CredentialView } from '@omserver/api'
import { Problem, type Text } from '@omserver/core'
import { generateKey, readPrivateKey } from './private-key.ts'

export interface SecretInput {
  readonly key?: string
  readonly passphrase?: string
  readonly password?: string
  readonly generate?: boolean
}

/** The JSON that is sealed. A key is kept opened: the seal protects it, and no login derives it again. */
export interface SealedSecret {
  readonly privateKey?: string
  readonly password?: string
}

export interface PreparedSecret {
  readonly secret: SealedSecret
  readonly publicKey: string | null
}

const fields = {
  key: { zh: '私钥', en: 'private key' },
  passphrase: { zh: '私钥密码', en: 'passphrase' },
  password: { zh: '密码', en: 'password' },
  generate: { zh: '“生成密钥”', en: '“generate” option' },
} as const satisfies Record<keyof SecretInput, Text>

const accepted: Readonly<Record<CredentialView['type'], readonly (keyof SecretInput)[]>> = {
  'ssh-key': ['key', 'passphrase', 'generate'],
  password: ['password'],
  agent: [],
}

const given = (input: SecretInput): (keyof SecretInput)[] =>
  (Object.keys(fields) as (keyof SecretInput)[]).filter(
    (name) => input[name] !== undefined && input[name] !== '' && input[name] !== false,
  )

/**
 * undefined when the input holds no secret at all. Throws Problem: CREDENTIAL_INCOMPLETE, CREDENTIAL_MISFIT,
 * CREDENTIAL_KEY_BAD, CREDENTIAL_PASSPHRASE.
 */
export const prepareSecret = async (
  type: CredentialView['type'],
  input: SecretInput,
): Promise<PreparedSecret | undefined> => {
  const names = given(input)
  const extra =
    names.find((name) => !accepted[type].includes(name)) ??
    (input.generate ? names.find((name) => name !== 'generate') : undefined)
  if (extra) throw new Problem('CREDENTIAL_MISFIT', { field: { ...fields[extra] }, type })
  if (type === 'agent') return { secret: {}, publicKey: null }
  if (names.length === 0) return undefined
  if (type === 'password') return { secret: { password: input.password ?? '' }, publicKey: null }
  if (!input.generate && !input.key) throw missing('key')
  const key = input.generate
    ? generateKey()
    : await readPrivateKey(input.key ?? '', input.passphrase)
  return { secret: { privateKey: key.privateKey }, publicKey: key.publicKey }
}

/** Problem CREDENTIAL_INCOMPLETE {field}. */
export const missing = (field: keyof SecretInput): Problem =>
  new Problem('CREDENTIAL_INCOMPLETE', { field: { ...fields[field] } })
