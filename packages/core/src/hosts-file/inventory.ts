// An Ansible inventory as groups and hosts, whatever it was written in, and the hosts that come of it.

import { expandRange } from '../name-range.ts'
import { labelKeys } from './csv.ts'
import { type HostsDraft, MAX_HOSTS, type TextKey } from './draft.ts'

export type Vars = Readonly<Record<string, string>>

interface Group {
  readonly children: Set<string>
  vars: Vars
  readonly line: number
}

interface Host {
  readonly line: number
  readonly groups: Set<string>
  vars: Vars
}

export interface Inventory {
  readonly group: (name: string, line: number, vars?: Vars) => void
  readonly child: (group: string, child: string, line: number) => void
  /** `pattern` may be a range (`web[01:50]`). False: there are too many, stop reading. */
  readonly host: (group: string, pattern: string, line: number, vars: Vars) => boolean
  /** Hands the hosts to the draft. */
  readonly finish: () => void
}

/** Variables that mean something here. Others stay out: an inventory's variables may well be passwords. */
const meaning: Readonly<Record<string, TextKey>> = {
  ansible_host: 'address',
  ansible_ssh_host: 'address',
  ansible_port: 'port',
  ansible_ssh_port: 'port',
  ansible_connection: 'driver',
}
const drivers: Readonly<Record<string, string>> = {
  local: 'local',
  ssh: 'ssh',
  smart: 'ssh',
  paramiko: 'ssh',
}

export const inventory = (draft: HostsDraft): Inventory => {
  const groups = new Map<string, Group>()
  const hosts = new Map<string, Host>()

  const group = (name: string, line: number, vars: Vars = {}): Group => {
    const found = groups.get(name) ?? { children: new Set(), vars: {}, line }
    found.vars = { ...found.vars, ...vars }
    groups.set(name, found)
    return found
  }

  /** How far each group is from the top: what is said further down wins. Circles are reported and cut. */
  const depths = (): Map<string, number> => {
    const depth = new Map<string, number>()
    const parents = new Map<string, string[]>()
    for (const [name, { children }] of groups)
      for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name])
    const waiting = new Map(
      [...groups.keys()].map((name) => [name, parents.get(name)?.length ?? 0]),
    )
    const ready = [...groups.keys()].filter((name) => waiting.get(name) === 0)
    for (const name of ready) {
      const own = Math.max(
        0,
        ...(parents.get(name) ?? []).map((parent) => (depth.get(parent) ?? 0) + 1),
      )
      depth.set(name, own)
      for (const child of groups.get(name)?.children ?? []) {
        const left = (waiting.get(child) ?? 0) - 1
        waiting.set(child, left)
        if (left === 0) ready.push(child)
      }
    }
    const circular = [...groups.keys()].find((name) => !depth.has(name))
    if (circular !== undefined)
      draft.problem({
        line: groups.get(circular)?.line ?? 1,
        code: 'HOSTS_FILE_GROUP_CYCLE',
        details: { group: circular },
      })
    return depth
  }

  const finish = () => {
    const depth = depths()
    const parents = new Map<string, string[]>()
    for (const [name, { children }] of groups)
      for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name])
    /** A group and all it is part of, outermost first. Worked out once a group: thousands of hosts share them. */
    const known = new Map<string, readonly string[]>()
    const above = (name: string): readonly string[] => {
      const found = known.get(name)
      if (found) return found
      const all = new Set([name])
      for (const one of all) for (const parent of parents.get(one) ?? []) all.add(parent)
      const sorted = [...all].sort((a, b) => (depth.get(a) ?? 0) - (depth.get(b) ?? 0))
      known.set(name, sorted)
      return sorted
    }
    for (const [name, host] of hosts) {
      const own = [...new Set(['all', ...[...host.groups].flatMap(above)])].sort(
        (a, b) =>
          (a === 'all' ? -1 : (depth.get(a) ?? 0)) - (b === 'all' ? -1 : (depth.get(b) ?? 0)),
      )
      const vars = Object.assign(
        {},
        ...own.map((one) => groups.get(one)?.vars ?? {}),
        host.vars,
      ) as Vars
      if (!draft.add({ line: host.line, ...writtenOf(name, vars, own, draft) })) return
    }
  }

  return {
    finish,
    group: (name, line, vars) => {
      group(name, line, vars)
    },
    child: (name, child, line) => {
      group(name, line).children.add(child)
      group(child, line)
    },
    host: (name, pattern, line, vars) => {
      group(name, line)
      const names = expandPattern(pattern)
      if (!names)
        return draft.problem({
          line,
          code: 'HOSTS_FILE_RANGE',
          details: { range: pattern.slice(0, 80) },
        })
      for (const one of names) {
        const found = hosts.get(one) ?? { line, groups: new Set<string>(), vars: {} }
        found.groups.add(name)
        found.vars = { ...found.vars, ...vars }
        hosts.set(one, found)
      }
      return hosts.size <= MAX_HOSTS || draft.tooLarge(line)
    },
  }
}

/** Ansible counts letters too: `db-[a:f]`. */
const expandPattern = (pattern: string): string[] | undefined => {
  const letters = /\[([a-z]):([a-z])\]|\[([A-Z]):([A-Z])\]/.exec(pattern)
  if (!letters) return expandRange(pattern)
  const from = (letters[1] ?? letters[3] ?? '').charCodeAt(0)
  const to = (letters[2] ?? letters[4] ?? '').charCodeAt(0)
  if (to < from) return undefined
  const names: string[] = []
  for (let code = from; code <= to; code += 1) {
    const part = expandPattern(pattern.replace(letters[0], String.fromCharCode(code)))
    if (!part || names.length + part.length > MAX_HOSTS) return undefined
    names.push(...part)
  }
  return names
}

const writtenOf = (name: string, vars: Vars, groups: readonly string[], draft: HostsDraft) => {
  const texts: Partial<Record<TextKey, string>> = { name }
  const labels = new Map<string, string>()
  for (const one of groups)
    if (one !== 'all' && one !== 'ungrouped') labels.set(`group.${one}`, 'yes')
  for (const [key, value] of Object.entries(vars)) {
    const textKey = Object.hasOwn(meaning, key) ? meaning[key] : undefined
    if (textKey === 'driver' && !Object.hasOwn(drivers, value))
      draft.ignore(`${key}=${value.slice(0, 40)}`)
    else if (textKey) texts[textKey] = textKey === 'driver' ? (drivers[value] ?? value) : value
    else if (labelKeys.some((label) => label === key)) labels.set(key, value)
    else draft.ignore(key.slice(0, 80))
  }
  return { texts: { ...texts, address: texts.address ?? name }, labels }
}
