// Saved groups (动态分组): a selector under a name, itself usable in selectors.

import type { GroupView } from '@omserver/api'
import { matchHosts, Problem, parseSelector } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { groupTexts } from './directory.ts'
import type { Fleet } from './fleet.ts'
import type { FleetStore } from './fleet-store.ts'
import type { StoredGroup } from './group-table.ts'

interface GroupPatch {
  readonly name?: string
  readonly selector?: string
}

export interface GroupService {
  list(): Promise<readonly GroupView[]>
  /** Throws Problem: GROUP_NAME_BAD, GROUP_EXISTS, SELECTOR_SYNTAX, GROUP_UNKNOWN, GROUP_CYCLE. */
  add(actor: Actor, input: Required<GroupPatch>): Promise<GroupView>
  change(actor: Actor, id: string, patch: GroupPatch): Promise<GroupView>
  /** Throws Problem: GROUP_UNKNOWN, GROUP_IN_USE {group, users}. */
  remove(actor: Actor, id: string): Promise<void>
}

export const groupService = (
  services: Pick<Services, 'newId' | 'activity'>,
  store: FleetStore,
): GroupService => {
  const put = (id: string, patch: GroupPatch, known: boolean) =>
    store.change((fleet) => {
      const before = known ? requireGroup(fleet, id) : undefined
      const group: StoredGroup = {
        id,
        name: patch.name?.trim() ?? before?.name ?? '',
        selector: patch.selector ?? before?.selector ?? '',
      }
      const hosts = checkGroup(fleet, group, before)
      return { change: { putGroup: group }, answer: { before, view: { ...group, hosts } } }
    })
  return {
    list: async () => {
      const fleet = await store.current()
      return fleet.groups.map((group) => ({ ...group, hosts: countOf(fleet, group) }))
    },
    add: async (actor, input) => {
      const { view } = await put(services.newId(), input, false)
      await services.activity.record(actor, { what: 'groups.add', subject: view.name, after: view })
      return view
    },
    change: async (actor, id, patch) => {
      const { before, view } = await put(id, patch, true)
      const what = 'groups.change'
      await services.activity.record(actor, { what, subject: view.name, before, after: view })
      return view
    },
    remove: async (actor, id) => {
      const before = await store.change((fleet) => {
        const group = requireGroup(fleet, id)
        refuseInUse(fleet, group)
        return { change: { removeGroup: id }, answer: group }
      })
      await services.activity.record(actor, { what: 'groups.remove', subject: before.name, before })
    },
  }
}

const requireGroup = (fleet: Fleet, id: string): StoredGroup => {
  const group = fleet.groups.find((one) => one.id === id)
  if (!group) throw new Problem('GROUP_UNKNOWN', { group: id })
  return group
}

/** Resolves to the number of its hosts; 0 for a group that no longer works out (its label has become a host). */
const countOf = (fleet: Fleet, group: StoredGroup): number => {
  try {
    return matchHosts(parseSelector(group.selector), fleet.hosts, groupTexts(fleet), fleet.index)
      .length
  } catch {
    return 0
  }
}

const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"]/u

/** The number of its hosts. The whole set of groups must still work out: a new name may close a circle. */
const checkGroup = (fleet: Fleet, group: StoredGroup, before: StoredGroup | undefined): number => {
  if (group.name === '' || control.test(group.name))
    throw new Problem('GROUP_NAME_BAD', { group: group.name })
  const namesake = fleet.groups.find((one) => one.name === group.name)
  if (namesake && namesake.id !== group.id) throw new Problem('GROUP_EXISTS', { group: group.name })
  if (before && before.name !== group.name) refuseInUse(fleet, before)
  const groups = new Map(groupTexts(fleet))
  if (before) groups.delete(before.name)
  groups.set(group.name, group.selector)
  // Through its own name, so that it may not refer to itself at any depth.
  const self = { kind: 'group', group: group.name, at: 0 } as const
  return matchHosts({ include: [self], exclude: [] }, fleet.hosts, groups, fleet.index).length
}

/** A group that others name keeps its name while they do. */
const refuseInUse = (fleet: Fleet, group: StoredGroup): void => {
  const users = fleet.groups.filter(
    (other) => other.id !== group.id && namedIn(other.selector).includes(group.name),
  )
  if (users.length > 0)
    throw new Problem('GROUP_IN_USE', {
      group: group.name,
      users: users.map(({ name }) => name),
    })
}

const namedIn = (selector: string): string[] => {
  const { include, exclude } = parseSelector(selector)
  return [...include, ...exclude].flatMap((term) => (term.kind === 'group' ? [term.group] : []))
}
