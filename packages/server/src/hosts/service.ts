// Hosts: adding, changing and removing them, their labels in bulk, and the keys that changed.

import type { AnswerOf, HostView, hostRoutes } from '@omserver/api'
import { idcOf, Problem } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { CredentialService } from '../credentials/index.ts'
import { fingerprintOf } from '../fingerprint.ts'
import type { Services } from '../services.ts'
import {
  checkLabel,
  credentialIdOf,
  type HostPatch,
  type NewHost,
  patchedHost,
} from './check-host.ts'
import { credentialNames } from './credential-names.ts'
import { selectOf } from './directory.ts'
import type { Fleet } from './fleet.ts'
import type { FleetStore } from './fleet-store.ts'
import type { PinnedKeys } from './pinned-keys.ts'
import { readLastRuns, type StoredHost } from './table.ts'
import { briefOf, type HostQuery, labelsOf, pageOf, requireHost, viewOf } from './views.ts'

interface LabelChange {
  readonly selector: string
  /** null removes the label. */
  readonly set: Readonly<Record<string, string | null>>
  /** Name or id; null takes the credential away. */
  readonly credential?: string | null
}

export interface HostService {
  list(query: HostQuery): Promise<AnswerOf<typeof hostRoutes.list>>
  brief(): Promise<{ readonly rev: number; readonly items: ReturnType<typeof briefOf> }>
  show(idOrName: string): Promise<HostView>
  add(actor: Actor, input: NewHost): Promise<HostView>
  change(actor: Actor, id: string, patch: HostPatch): Promise<HostView>
  /** Resolves with the number of hosts that are different now. */
  setLabels(actor: Actor, change: LabelChange): Promise<number>
  /** For hosts by id; ids that are no longer there are passed over. Resolves with the number that changed. */
  setCredential(actor: Actor, ids: readonly string[], credentialId: string): Promise<number>
  /** Throws Problem COUNT_MISMATCH when the selector picks another number of hosts than the person agreed to. */
  remove(actor: Actor, wish: { readonly selector: string; readonly count: number }): Promise<number>
  resolve(selector: string): Promise<AnswerOf<typeof hostRoutes.resolve>>
  labels(): Promise<ReturnType<typeof labelsOf>>
  /** Throws Problem: HOST_UNKNOWN, HOST_KEY_NOT_CHANGED, HOST_KEY_OTHER. */
  acceptKey(actor: Actor, id: string, fingerprint: string): Promise<HostView>
}

export interface HostParts {
  readonly store: FleetStore
  readonly keys: PinnedKeys
  readonly credentials: Pick<CredentialService, 'names'>
}

/** What a bulk change keeps of its hosts as they were: enough to undo it by hand, not a copy of the fleet. */
const KEPT = 100

export const hostService = (
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'activity'>,
  { store, keys, credentials }: HostParts,
): HostService => {
  const { db, clock, newId, activity } = services
  const names = async () => credentialNames(await credentials.names())
  const viewsOf = async (hosts: readonly StoredHost[]): Promise<HostView[]> => {
    const parts = {
      fleet: await store.current(),
      keys: await keys.current(),
      credentials: await names(),
      lastRuns: await readLastRuns(
        db,
        hosts.map(({ id }) => id),
      ),
    }
    return hosts.map((host) => viewOf(host, parts))
  }
  const viewById = async (id: string): Promise<HostView> => {
    const [view] = await viewsOf([requireHost(await store.current(), id)])
    if (!view) throw new Error('a host has one view')
    return view
  }
  let brief:
    | { readonly of: Fleet; readonly keysRev: number; readonly items: ReturnType<typeof briefOf> }
    | undefined

  return {
    list: async (query) => {
      const { hosts, next, total } = pageOf(await store.current(), query)
      return { items: await viewsOf(hosts), next, total }
    },
    brief: async () => {
      const [fleet, pinned] = [await store.current(), await keys.current()]
      if (brief?.of !== fleet || brief.keysRev !== pinned.rev)
        brief = { of: fleet, keysRev: pinned.rev, items: briefOf(fleet, pinned) }
      return { rev: fleet.rev + pinned.rev, items: brief.items }
    },
    show: viewById,
    add: async (actor, input) => {
      const known = await names()
      const now = clock.now()
      const blank: StoredHost = {
        id: newId(),
        name: input.name,
        address: input.address,
        port: 22,
        driver: 'ssh',
        labels: {},
        createdAt: now,
        updatedAt: now,
      }
      await store.change((fleet) => ({
        change: { put: [patchedHost(fleet, known, blank, input)] },
        answer: undefined,
      }))
      const view = await viewById(blank.id)
      await activity.record(actor, {
        what: 'hosts.add',
        subject: view.name,
        hosts: [view.name],
        after: settingsOf(view),
      })
      return view
    },
    change: async (actor, id, patch) => {
      const known = await names()
      const before = await viewById(id)
      await store.change((fleet) => {
        const host = requireHost(fleet, before.id)
        const next = { ...patchedHost(fleet, known, host, patch), updatedAt: clock.now() }
        return { change: { put: [next] }, answer: undefined }
      })
      const view = await viewById(before.id)
      await activity.record(actor, {
        what: 'hosts.change',
        subject: view.name,
        hosts: [view.name],
        before: settingsOf(before),
        after: settingsOf(view),
      })
      return view
    },
    setLabels: async (actor, wish) => {
      for (const [label, value] of Object.entries(wish.set)) checkLabel(label, value ?? '')
      const { credential } = wish
      const known = await names()
      const credentialId = credential === undefined ? undefined : credentialIdOf(known, credential)
      const changed = await store.change((fleet) => {
        const pairs = required(fleet, wish.selector)
          .map((host) => ({ host, next: labelled(host, wish, credentialId, clock.now()) }))
          .filter(({ host, next }) => next !== host)
        return { change: { put: pairs.map(({ next }) => next) }, answer: pairs.map((p) => p.host) }
      })
      if (changed.length > 0)
        await activity.record(actor, {
          what: 'hosts.setLabels',
          subject: wish.selector,
          hosts: changed.map(({ name }) => name),
          before: changed.slice(0, KEPT).map((host) => ({
            name: host.name,
            labels: Object.fromEntries(
              Object.keys(wish.set).map((label) => [label, host.labels[label] ?? null]),
            ),
            ...(credential !== undefined && {
              credential: known.nameOf(host.credentialId ?? '') ?? null,
            }),
          })),
          after: { set: wish.set, credential },
        })
      return changed.length
    },
    setCredential: async (actor, ids, credentialId) => {
      const known = await names()
      if (known.nameOf(credentialId) === undefined)
        throw new Problem('CREDENTIAL_UNKNOWN', { credential: credentialId })
      const changed = await store.change((fleet) => {
        const hosts = ids
          .flatMap((id) => fleet.byId.get(id) ?? [])
          .filter((host) => host.credentialId !== credentialId)
        const put = hosts.map((host) => ({ ...host, credentialId, updatedAt: clock.now() }))
        return { change: { put }, answer: hosts }
      })
      const nameOf = (id: string | undefined) => known.nameOf(id ?? '') ?? null
      if (changed.length > 0)
        await activity.record(actor, {
          what: 'hosts.setCredential',
          subject: nameOf(credentialId) ?? credentialId,
          hosts: changed.map(({ name }) => name),
          before: changed
            .slice(0, KEPT)
            .map((host) => ({ name: host.name, credential: nameOf(host.credentialId) })),
          after: { credential: nameOf(credentialId) },
        })
      return changed.length
    },
    remove: async (actor, { selector, count }) => {
      const known = await names()
      const removed = await store.change((fleet) => {
        const hosts = required(fleet, selector, { known: true })
        if (hosts.length !== count)
          throw new Problem('COUNT_MISMATCH', { confirmed: count, hosts: hosts.length })
        refuseJumps(fleet, hosts)
        return { change: { remove: hosts.map(({ id }) => id) }, answer: hosts }
      })
      await activity.record(actor, {
        what: 'hosts.remove',
        subject: selector,
        hosts: removed.map(({ name }) => name),
        before: removed.slice(0, KEPT).map((host) => ({
          name: host.name,
          address: host.address,
          labels: host.labels,
          credential: known.nameOf(host.credentialId ?? '') ?? null,
        })),
      })
      return removed.length
    },
    resolve: async (selector) => {
      const { hosts, unknown } = selectOf(await store.current(), selector)
      const idcs = Map.groupBy(hosts, idcOf)
      return {
        total: hosts.length,
        idcs: [...idcs]
          .map(([idc, of]) => ({ idc, hosts: of.length }))
          .sort((a, b) => b.hosts - a.hosts),
        unknown: [...unknown],
        ids: hosts.map(({ id }) => id),
      }
    },
    labels: async () => labelsOf(await store.current()),
    acceptKey: async (actor, id, fingerprint) => {
      const host = requireHost(await store.current(), id)
      let before: string | undefined
      await keys.change(host, (key) => {
        if (!key?.changed_key || !key.changed_type)
          throw new Problem('HOST_KEY_NOT_CHANGED', { host: host.name })
        before = fingerprintOf(key.key)
        const none = { changed_type: null, changed_key: null, changed_at: null }
        if (fingerprint === before) return { ...key, ...none }
        const offered = fingerprintOf(key.changed_key)
        if (fingerprint !== offered)
          throw new Problem('HOST_KEY_OTHER', { host: host.name, fingerprint: offered })
        return {
          ...key,
          ...none,
          type: key.changed_type,
          key: key.changed_key,
          pinned_at: clock.now(),
        }
      })
      await activity.record(actor, {
        what: 'hosts.acceptKey',
        subject: host.name,
        hosts: [host.name],
        before: { fingerprint: before },
        after: { fingerprint },
      })
      return viewById(host.id)
    },
  }
}

/** The hosts of a selector, at least one. Throws Problem SELECTOR_EMPTY, with `known` SELECTOR_UNKNOWN_NAMES. */
const required = (
  fleet: Fleet,
  selector: string,
  names: { readonly known: boolean } = { known: false },
): readonly StoredHost[] => {
  const { hosts, unknown } = selectOf(fleet, selector)
  if (names.known && unknown.length > 0)
    throw new Problem('SELECTOR_UNKNOWN_NAMES', { names: [...unknown] })
  if (hosts.length === 0) throw new Problem('SELECTOR_EMPTY', { selector })
  return hosts as readonly StoredHost[]
}

/** The same object when nothing is different. */
const labelled = (
  host: StoredHost,
  { set, credential }: LabelChange,
  credentialId: string | undefined,
  at: number,
): StoredHost => {
  const labels: Record<string, string> = { ...host.labels }
  for (const [label, value] of Object.entries(set))
    if (value === null) delete labels[label]
    else labels[label] = value
  const same =
    (credential === undefined || credentialId === host.credentialId) &&
    Object.keys(set).every((label) => labels[label] === host.labels[label])
  if (same) return host
  return {
    ...host,
    labels,
    credentialId: credential === undefined ? host.credentialId : credentialId,
    updatedAt: at,
  }
}

/** Throws Problem HOST_IS_JUMP when a host that stays goes through one that is removed. */
const refuseJumps = (fleet: Fleet, removed: readonly StoredHost[]): void => {
  const gone = new Map(removed.map((host) => [host.id, host]))
  const users = fleet.hosts.filter((host) => !gone.has(host.id) && gone.has(host.jumpHostId ?? ''))
  const [first] = users
  const jump = gone.get(first?.jumpHostId ?? '')
  if (!jump) return
  const names = users.filter((host) => host.jumpHostId === jump.id).map(({ name }) => name)
  const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? ` … (${names.length})` : '')
  throw new Problem('HOST_IS_JUMP', { host: jump.name, users: shown })
}

/** What a person set, for the activity log. */
const settingsOf = (view: HostView) => ({
  name: view.name,
  address: view.address,
  outerAddress: view.outerAddress,
  port: view.port,
  driver: view.driver,
  labels: view.labels,
  credential: view.credentialName,
  jumpHost: view.jumpHostName,
  encoding: view.encoding,
})
