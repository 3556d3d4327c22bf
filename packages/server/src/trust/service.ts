// Trust: hosts get our public key, keep it up to date, and are asked whether they can be reached.

import type { RunView } from '@omserver/api'
import { type Host, Problem, Secret, type Strategy } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Hosts } from '../hosts/index.ts'
import type { LaunchAction, OnceLogin } from '../runs/index.ts'
import { putKey } from './key-actions.ts'
import { login, titles } from './titles.ts'
import type { WorkKey, WorkPlan } from './trust-work.ts'
import { TRUST_TIMEOUT_MS, type TrustWorkParts, type TrustWorks } from './trust-works.ts'

interface TrustLaunch {
  /** Of the first run. */
  readonly id?: string
  readonly selector: string
  readonly strategy?: Partial<Strategy>
  readonly confirmHosts?: number
}

interface EstablishInput extends TrustLaunch {
  /** Name or id of the key that the hosts are to trust. */
  readonly credential: string
  /** Who logs in, once, to put the key there. */
  readonly user: string
  readonly password?: string
  /** By host name; goes before `password`. */
  readonly passwords: Readonly<Record<string, string>>
}

interface RotateInput extends TrustLaunch {
  readonly from: string
  readonly to: string
  readonly removeOld: boolean
}

/** Each answers with its first run; those that follow from it refer to it by their parameter `of`. */
export interface TrustService {
  /** Put the key there, log in with it, and where that worked make it the credential of the host. */
  establish(actor: Actor, input: EstablishInput): Promise<RunView>
  /** The same with the old key as the way in; the old key goes where the new one was seen to work. */
  rotate(actor: Actor, input: RotateInput): Promise<RunView>
  check(actor: Actor, input: TrustLaunch): Promise<RunView>
  /** Throws Problem CREDENTIAL_UNKNOWN, TRUST_NEEDS_KEY. */
  keyOf(nameOrId: string): Promise<WorkKey>
}

export interface TrustParts extends TrustWorkParts {
  readonly hosts: TrustWorkParts['hosts'] & Pick<Hosts, 'select'>
}

export const trustService = (
  { runs, hosts, credentials }: TrustParts,
  works: Pick<TrustWorks, 'begin'>,
): TrustService => {
  const keyOf = async (nameOrId: string): Promise<WorkKey> => {
    const found = await credentials.find(nameOrId)
    if (!found) throw new Problem('CREDENTIAL_UNKNOWN', { credential: nameOrId })
    const { id, name, user, publicKey } = found
    if (publicKey === null) throw new Problem('TRUST_NEEDS_KEY', { credential: name })
    return { id, name, user, publicKey }
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
    runs.launchAction(actor, {
      timeoutMs: TRUST_TIMEOUT_MS,
      module,
      title: titles[module],
      ...input,
    })

  return {
    establish: async (actor, input) => {
      const key = await keyOf(input.credential)
      const { selector, strategy } = input
      const found = await chosen(selector)
      refuseLocal(found)
      const onceLogin = loginsOf(found, input)
      const params = { credential: key.name }
      const plan = { actor: nameOf(actor), selector, params, key, old: null }
      const first = (id: string) =>
        launch(actor, 'trust.establish', {
          id,
          action: putKey(key),
          hosts: found,
          selector,
          strategy,
          params: { ...params, user: input.user },
          onceLogin,
          confirm: { hosts: input.confirmHosts },
        })
      return works.begin(plan, first, input.id)
    },
    rotate: async (actor, input) => {
      const [from, to] = [await keyOf(input.from), await keyOf(input.to)]
      const sameAccount = from.user === to.user
      if (from.id === to.id || (from.publicKey === to.publicKey && sameAccount))
        throw new Problem('TRUST_SAME_KEY', { from: from.name, to: to.name })
      const { selector, removeOld, strategy } = input
      const found = await chosen(selector)
      refuseLocal(found)
      const params = { from: from.name, to: to.name, removeOld }
      const old = removeOld ? from : null
      const plan = { actor: nameOf(actor), selector, params, key: to, old }
      const first = (id: string) =>
        launch(actor, 'trust.rotate', {
          id,
          action: putKey(to),
          hosts: found,
          selector,
          strategy,
          params,
          credential: from,
          confirm: { hosts: input.confirmHosts },
        })
      return works.begin(plan, first, input.id)
    },
    // A connection that is open since yesterday does not tell whether the key still opens the door today.
    check: async (actor, { selector, id, strategy }) => {
      const hosts = await chosen(selector)
      const what = { id, action: login, hosts, selector, strategy, fresh: true }
      return launch(actor, 'trust.check', what)
    },
    keyOf,
  }
}

const nameOf = ({ id, name, via, from }: Actor): WorkPlan['actor'] => ({ id, name, via, from })

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
