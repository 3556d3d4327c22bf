// Trust: hosts get our public key, keep it up to date, and are asked whether they can be reached.

import type { RunView } from '@omserver/api'
import { type Action, type Host, type Json, Problem, Secret, sh, type Text } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { CredentialBrief, CredentialService } from '../credentials/index.ts'
import type { Hosts } from '../hosts/index.ts'
import type { LaunchAction, OnceLogin, RunService } from '../runs/index.ts'
import { putKey, removeKey } from './key-actions.ts'

interface EstablishInput {
  readonly selector: string
  /** Name or id of the key that the hosts are to trust. */
  readonly credential: string
  /** Who logs in, once, to put the key there. */
  readonly user: string
  readonly password?: string
  /** By host name; goes before `password`. */
  readonly passwords: Readonly<Record<string, string>>
  readonly confirmHosts?: number
}

interface RotateInput {
  readonly selector: string
  readonly from: string
  readonly to: string
  readonly removeOld: boolean
  readonly confirmHosts?: number
}

/**
 * Each answers with its first run; those that follow from it refer to it by their parameter `of`. When the server
 * is restarted in between, the rest does not follow: doing the same again is safe and goes on where it stopped.
 */
export interface TrustService {
  /** Put the key there, log in with it, and where that worked make it the credential of the host. */
  establish(actor: Actor, input: EstablishInput): Promise<RunView>
  /** The same with the old key as the way in; the old key goes where the new one was seen to work. */
  rotate(actor: Actor, input: RotateInput): Promise<RunView>
  check(actor: Actor, input: { readonly selector: string; readonly id?: string }): Promise<RunView>
}

export interface TrustParts {
  readonly runs: Pick<RunService, 'launchAction' | 'reader'>
  readonly hosts: Pick<Hosts, 'select' | 'setCredential'>
  readonly credentials: Pick<CredentialService, 'find'>
}

const titles = {
  'trust.establish': { zh: '建立信任关系', en: 'Establish trust' },
  'trust.rotate': { zh: '轮换密钥：放置新密钥', en: 'Rotate keys: put the new key' },
  'trust.verify': { zh: '验证密钥登录', en: 'Verify the login with the key' },
  'trust.removeKey': { zh: '轮换密钥：移除旧密钥', en: 'Rotate keys: remove the old key' },
  'trust.check': { zh: '连通性检测', en: 'Check connectivity' },
} as const satisfies Record<string, Text>

type Key = CredentialBrief & { readonly publicKey: string }

const login: Action = sh`true`
/** Long enough for a slow login, short enough for a person to wait for. */
const TIMEOUT_MS = 30_000

export const trustService = ({ runs, hosts, credentials }: TrustParts): TrustService => {
  const credentialOf = async (nameOrId: string): Promise<CredentialBrief> => {
    const found = await credentials.find(nameOrId)
    if (!found) throw new Problem('CREDENTIAL_UNKNOWN', { credential: nameOrId })
    return found
  }
  const keyOf = async (nameOrId: string): Promise<Key> => {
    const found = await credentialOf(nameOrId)
    if (found.publicKey === null) throw new Problem('TRUST_NEEDS_KEY', { credential: found.name })
    return { ...found, publicKey: found.publicKey }
  }
  const chosen = async (selector: string): Promise<readonly Host[]> => {
    const { hosts: found, unknown } = await hosts.select(selector)
    if (unknown.length > 0) throw new Problem('SELECTOR_UNKNOWN_NAMES', { names: [...unknown] })
    if (found.length === 0) throw new Problem('SELECTOR_EMPTY', { selector })
    return found
  }

  const launch = (
    actor: Actor,
    module: keyof typeof titles,
    input: Omit<LaunchAction, 'module' | 'title'>,
  ): Promise<RunView> =>
    runs.launchAction(actor, { timeoutMs: TIMEOUT_MS, module, title: titles[module], ...input })

  /** Its hosts that ended ok; none when a person has stopped it: then nothing is to follow. */
  const okHosts = async (run: RunView, among: readonly Host[]): Promise<readonly Host[]> => {
    if (run.state === 'aborted') return []
    const rows = await runs.reader.allHosts(run.id)
    const ok = new Set(rows.filter(({ state }) => state === 'ok').map((row) => row.host_id))
    return among.filter(({ id }) => ok.has(id))
  }

  /** Logs in with the key where it was put; calls `then` with the hosts on which that worked. */
  const verifyAfter =
    (
      actor: Actor,
      key: Key,
      wish: { readonly hosts: readonly Host[]; readonly selector: string },
      then: (verified: readonly Host[], of: string) => Promise<void>,
    ) =>
    async (run: RunView): Promise<void> => {
      const reached = await okHosts(run, wish.hosts)
      if (reached.length === 0) return
      await launch(actor, 'trust.verify', {
        action: login,
        ...wish,
        hosts: reached,
        params: { credential: key.name, of: run.id },
        credential: key,
        onEnded: async (ended) => {
          const verified = await okHosts(ended, reached)
          if (verified.length > 0) await then(verified, run.id)
        },
      })
    }

  return {
    establish: async (actor, input) => {
      const key = await keyOf(input.credential)
      const { selector } = input
      const found = await chosen(selector)
      refuseLocal(found)
      const wish = { hosts: found, selector }
      return launch(actor, 'trust.establish', {
        action: putKey(key.publicKey, key.user),
        ...wish,
        params: { credential: key.name, user: input.user },
        onceLogin: loginsOf(found, input),
        confirm: { hosts: input.confirmHosts },
        onEnded: verifyAfter(actor, key, wish, async (verified) => {
          await hosts.setCredential(actor, idsOf(verified), key.id)
        }),
      })
    },
    rotate: async (actor, input) => {
      const [from, to] = [await keyOf(input.from), await keyOf(input.to)]
      const sameAccount = from.user === to.user
      if (from.id === to.id || (from.publicKey === to.publicKey && sameAccount))
        throw new Problem('TRUST_SAME_KEY', { from: from.name, to: to.name })
      const { selector, removeOld } = input
      const found = await chosen(selector)
      refuseLocal(found)
      const wish = { hosts: found, selector }
      const params: Record<string, Json> = { from: from.name, to: to.name, removeOld }
      return launch(actor, 'trust.rotate', {
        action: putKey(to.publicKey, to.user),
        ...wish,
        params,
        credential: from,
        confirm: { hosts: input.confirmHosts },
        onEnded: verifyAfter(actor, to, wish, async (verified, of) => {
          await hosts.setCredential(actor, idsOf(verified), to.id)
          if (!removeOld) return
          await launch(actor, 'trust.removeKey', {
            action: removeKey(from.publicKey, from.user),
            hosts: verified,
            selector,
            params: { ...params, of },
            credential: to,
          })
        }),
      })
    },
    check: async (actor, { selector, id }) =>
      launch(actor, 'trust.check', { id, action: login, hosts: await chosen(selector), selector }),
  }
}

const idsOf = (hosts: readonly Host[]): string[] => hosts.map(({ id }) => id)

/** Throws Problem TRUST_LOCAL: nobody logs in to the server itself, and its own keys are not ours to change. */
const refuseLocal = (hosts: readonly Host[]): void => {
  const local = hosts.filter(({ driver }) => driver === 'local').map(({ name }) => name)
  if (local.length > 0) throw new Problem('TRUST_LOCAL', { hosts: local })
}

const SHOWN = 20

/** Throws Problem TRUST_PASSWORD_MISSING {hosts}, SELECTOR_UNKNOWN_NAMES for a password of no chosen host. */
const loginsOf = (
  hosts: readonly Host[],
  { user, password, passwords }: EstablishInput,
): OnceLogin | ReadonlyMap<string, OnceLogin> => {
  const own = new Map(Object.entries(passwords).filter(([, value]) => value !== ''))
  const names = new Set(hosts.map(({ name }) => name))
  const unknown = [...own.keys()].filter((name) => !names.has(name))
  if (unknown.length > 0)
    throw new Problem('SELECTOR_UNKNOWN_NAMES', { names: unknown.slice(0, SHOWN) })
  const missing = password ? [] : hosts.filter(({ name }) => !own.has(name))
  if (missing.length > 0) {
    const shown = missing.slice(0, SHOWN).map(({ name }) => name)
    const more = missing.length > SHOWN ? ` … (${missing.length})` : ''
    throw new Problem('TRUST_PASSWORD_MISSING', { hosts: shown.join(', ') + more })
  }
  if (own.size === 0) return { user, password: new Secret(password ?? '') }
  return new Map(
    hosts.map(({ id, name }) => [
      id,
      { user, password: new Secret(own.get(name) ?? password ?? '') },
    ]),
  )
}
