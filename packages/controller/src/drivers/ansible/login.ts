// Turns a credential into what OpenSSH needs to log in with it.

import { existsSync } from 'node:fs'
import { type Access, type LoginSecret, Problem, type Secrets } from '@omserver/core'
import ssh2, { type ParsedKey } from 'ssh2'
import type { Failure } from '../../failure.ts'

export interface Login {
  readonly user: string
  /** For messages: how we log in, no secret. */
  readonly how: string
  readonly key?: ParsedKey
  readonly password?: string
  /** Socket of an agent that holds the keys. */
  readonly agent?: string
}

export const readLogin = async (
  access: Pick<Access, 'credentialId'>,
  options: { readonly secrets: Secrets; readonly agentSocket?: string },
): Promise<Login | Failure> => {
  const { credentialId } = access
  if (credentialId === undefined) {
    return { reason: 'noCredential', message: 'the host has no credential to log in with' }
  }
  try {
    return loginOf(await options.secrets.credential(credentialId), options.agentSocket)
  } catch (error) {
    const message =
      error instanceof Problem && error.code === 'CREDENTIAL_UNKNOWN'
        ? 'the credential of the host does not exist any more'
        : 'the credential of the host could not be read'
    return { reason: 'noCredential', message }
  }
}

/** It stands in a file of ssh's, where these would end the word. */
const oddUser = /["\n\r\0\\]/

const loginOf = (secret: LoginSecret, agentSocket: string | undefined): Login | Failure => {
  const { user } = secret
  if (oddUser.test(user)) {
    return {
      reason: 'noCredential',
      message: 'the user of the credential is no name of an account',
    }
  }
  const password = secret.password?.reveal()
  switch (secret.kind) {
    case 'ssh-key': {
      const key = keyOf(secret)
      if ('reason' in key) return key
      // A password beside a key is for servers that ask for both.
      return { user, how: `the key of user ${user}`, key, password }
    }
    case 'password':
      return password === undefined
        ? { reason: 'noCredential', message: 'the credential has no password' }
        : { user, how: `the password of user ${user}`, password }
    case 'agent': {
      if (!agentSocket || !existsSync(agentSocket)) {
        const message = 'no ssh agent: SSH_AUTH_SOCK is not set for the controller, or it is gone'
        return { reason: 'noAgent', message }
      }
      return { user, how: `any key of the ssh agent for user ${user}`, agent: agentSocket }
    }
  }
}

const keyOf = (secret: LoginSecret): ParsedKey | Failure => {
  const text = secret.privateKey?.reveal()
  if (text === undefined) return { reason: 'noCredential', message: 'the credential has no key' }
  const parsed = ssh2.utils.parseKey(text, secret.passphrase?.reveal())
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key instanceof Error || key === undefined || !key.isPrivateKey()) {
    const message = /passphrase|encrypted|decrypt|integrity/i.test(String(key))
      ? 'the private key cannot be opened: its passphrase is wrong or missing'
      : 'the private key cannot be read'
    return { reason: 'noCredential', message }
  }
  return key
}
