// An Ansible inventory in YAML: groups of `hosts`, `children` and `vars`.

import { isMap, isScalar, type YAMLMap } from 'yaml'
import type { HostsDraft } from './draft.ts'
import { type Inventory, inventory, type Vars } from './inventory.ts'
import type { YamlEntry, YamlReader } from './yaml-reader.ts'

const MAX_DEPTH = 64
const expected = 'all: { hosts: { web-1: { ansible_host: 10.0.0.11 } } }'

export const readInventory = (root: YAMLMap, reader: YamlReader, draft: HostsDraft): void => {
  const found = inventory(draft)
  for (const { key, at, value } of reader.entries(root))
    if (!readGroup({ reader, draft, found }, key, at, value, 0)) return
  found.finish()
}

interface Reading {
  readonly reader: YamlReader
  readonly draft: HostsDraft
  readonly found: Inventory
}

const isNothing = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === null)

/** False: stop reading. */
const readGroup = (
  reading: Reading,
  name: string,
  at: unknown,
  group: unknown,
  depth: number,
): boolean => {
  const { reader, draft, found } = reading
  const { line } = reader.place(at)
  const report = (node: unknown) =>
    draft.problem({ ...reader.place(node), code: 'HOSTS_FILE_SHAPE', details: { expected } })
  // An alias may make a group its own child.
  if (depth > MAX_DEPTH)
    return draft.problem({ line, code: 'HOSTS_FILE_GROUP_CYCLE', details: { group: name } })
  found.group(name, line)
  if (isNothing(group)) return true
  if (!isMap(group)) return report(at)
  for (const { key, at: place, value } of reader.entries(group)) {
    if (isNothing(value)) continue
    if (!isMap(value) || !['hosts', 'children', 'vars'].includes(key)) {
      if (!report(place)) return false
    } else if (key === 'vars') {
      found.group(name, line, varsOf(value, reader))
    } else {
      for (const entry of reader.entries(value)) {
        const goOn =
          key === 'hosts' ? readHost(reading, name, entry) : readChild(reading, name, entry, depth)
        if (!goOn) return false
      }
    }
  }
  return true
}

const readHost = (
  { reader, draft, found }: Reading,
  group: string,
  { key, at, value }: YamlEntry,
): boolean => {
  const place = reader.place(at)
  if (!isMap(value) && !isNothing(value))
    return draft.problem({ ...place, code: 'HOSTS_FILE_SHAPE', details: { expected } })
  return found.host(group, key, place.line, isMap(value) ? varsOf(value, reader) : {})
}

const readChild = (
  reading: Reading,
  group: string,
  { key, at, value }: YamlEntry,
  depth: number,
): boolean => {
  reading.found.child(group, key, reading.reader.place(at).line)
  return readGroup(reading, key, at, value, depth + 1)
}

/** Scalars only: lists and maps are for playbooks. */
const varsOf = (map: YAMLMap, reader: YamlReader): Vars =>
  Object.fromEntries(
    reader.entries(map).flatMap(({ key, value }) => {
      const text = reader.text(value)
      return text === undefined ? [] : [[key, text]]
    }),
  )
