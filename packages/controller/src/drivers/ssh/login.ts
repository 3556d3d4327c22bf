// Turns a credential into what ssh2 asks for, and keeps decoded keys: opening one with a passphrase takes 100 ms.

import { existsSync } from 'node:fs'
import type { LoginSecret } from '@omserver/core'
import ssh2, { type AnyAuthMethod, type ParsedKey, type Prompt } from 'ssh2'
import type { Failure } from '../../failure.ts'
import { decodeOnce } from './ssh-parts.ts'

export interface Login {
  /** Connections of the same identity may be shared. */
  readonly identity: string
  readonly user: string
  /** For messages: how we log in, no secret. */
  readonly how: string
  /** We hold the key ourselves, so that it can sign at once. */
  readonly holdsKey: boolean
  /** The next thing to try; undefined: nothing is left. One sequence per connection. */
  methods(): (left: readonly string[] | null) => AnyAuthMethod | undefined
}

export interface Logins {
  of(secret: LoginSecret): Login | Failure
  clear(): void
}

const KEYS_KEPT = 256

export const createLogins = (options: { readonly agentSocket: string | undefined }): Logins => {
  // Failures are kept too: a wrong passphrase costs as much as the right one, at every host.
  const keys = new Map<string, ParsedKey | Failure>()

  const keyOf = (secret: LoginSecret): ParsedKey | Failure => {
    const name = identityOf(secret)
    const kept = keys.get(name)
    if (kept) return kept
    const key = parsedKeyOf(secret)
    if (keys.size >= KEYS_KEPT) keys.delete(keys.keys().next().value ?? '')
    keys.set(name, key)
    return key
  }

  const parsedKeyOf = (secret: LoginSecret): ParsedKey | Failure => {
    const text = secret.privateKey?.reveal()
    if (text === undefined) return { reason: 'noCredential', message: 'the credential has no key' }
    const parsed: unknown = ssh2.utils.parseKey(text, secret.passphrase?.reveal())
    const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed
    if (key instanceof Error || !isPrivateKey(key)) {
      const message = /passphrase|encrypted|decrypt|integrity/i.test(String(key))
        ? 'the private key cannot be opened: its passphrase is wrong or missing'
        : 'the private key cannot be read'
      return { reason: 'noCredential', message }
    }
    return decodeOnce(key)
  }

  return {
    of: (secret) => {
      const { user } = secret
      const base = { identity: identityOf(secret), user }
      switch (secret.kind) {
        case 'ssh-key': {
          const key = keyOf(secret)
          if ('reason' in key) return key
          const first: AnyAuthMethod = { type: 'publickey', username: user, key }
          const password = secret.password?.reveal()
          return {
            ...base,
            how: `the key of user ${user}`,
            holdsKey: true,
            // A password beside a key is for servers that ask for both.
            methods: () => sequence([first, ...passwordMethods(user, password)]),
          }
        }
        case 'password': {
          const password = secret.password?.reveal()
          if (password === undefined) {
            return { reason: 'noCredential', message: 'the credential has no password' }
          }
          return {
            ...base,
            how: `the password of user ${user}`,
            holdsKey: false,
            methods: () => sequence(passwordMethods(user, password)),
          }
        }
        case 'agent': {
          const agent = options.agentSocket
          if (agent === undefined || agent === '') {
            return {
              reason: 'noAgent',
              message: 'no ssh agent: SSH_AUTH_SOCK is not set for the controller',
            }
          }
          // An agent that ends takes its socket with it.
          if (!existsSync(agent)) {
            const message = `the ssh agent is gone: nothing listens at ${agent}`
            return { reason: 'noAgent', message }
          }
          return {
            ...base,
            how: `any key of the ssh agent for user ${user} (it may hold none, or be gone)`,
            holdsKey: false,
            methods: () => sequence([{ type: 'agent', username: user, agent }]),
          }
        }
      }
    },
    clear: () => keys.clear(),
  }
}

const identityOf = (secret: LoginSecret): string => `${secret.id}:${secret.version}`

const isPrivateKey = (key: unknown): key is ParsedKey =>
  typeof key === 'object' &&
  key !== null &&
  'isPrivateKey' in key &&
  typeof key.isPrivateKey === 'function' &&
  key.isPrivateKey() === true

const passwordMethods = (user: string, password: string | undefined): AnyAuthMethod[] =>
  password === undefined
    ? []
    : [
        { type: 'password', username: user, password },
        {
          type: 'keyboard-interactive',
          username: user,
          prompt: (_name, _instructions, _lang, prompts, finish) =>
            finish(answersTo(prompts, password)),
        },
      ]

/** One hidden question is the password. Anything else (a code, a new password) is not ours to answer. */
const answersTo = (prompts: readonly Prompt[], password: string): string[] =>
  prompts.map((prompt) => (prompts.length === 1 && prompt.echo !== true ? password : ''))

/** In order, skipping what the server does not take. */
const sequence = (
  methods: readonly AnyAuthMethod[],
): ((left: readonly string[] | null) => AnyAuthMethod | undefined) => {
  let next = 0
  return (left) => {
    while (next < methods.length) {
      const method = methods[next++]
      if (method === undefined) return undefined
      const name = method.type === 'agent' ? 'publickey' : method.type
      if (left === null || left.includes(name)) return method
    }
    return undefined
  }
}
