// A tree made of labels: each level is one label, each node a value and the number of hosts under it. Pure.

import type { Labels } from '@omserver/core'

export interface LabelNode {
  /** Values from the root to here; `''` stands for “without this label”. */
  readonly path: readonly string[]
  readonly value: string
  readonly hosts: number
  readonly children: readonly LabelNode[]
}

interface Growing {
  hosts: number
  readonly children: Map<string, Growing>
}

const collator = new Intl.Collator(undefined, { numeric: true })

const finish = (growing: Growing, path: readonly string[]): readonly LabelNode[] =>
  [...growing.children]
    // Values in their order, what lacks the label last.
    .sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : collator.compare(a, b)))
    .map(([value, child]) => {
      const here = [...path, value]
      const children = finish(child, here)
      const only = children[0]
      // A level that only says “none of these has the label” says nothing.
      const silent = children.length === 1 && only?.value === ''
      return { path: here, value, hosts: child.hosts, children: silent ? [] : children }
    })

export const labelTree = (
  hosts: readonly { readonly labels: Labels }[],
  order: readonly string[],
): readonly LabelNode[] => {
  const root: Growing = { hosts: 0, children: new Map() }
  for (const { labels } of hosts) {
    let at = root
    for (const label of order) {
      const value = labels[label] ?? ''
      let next = at.children.get(value)
      if (next === undefined) {
        next = { hosts: 0, children: new Map() }
        at.children.set(value, next)
      }
      next.hosts += 1
      at = next
    }
  }
  return finish(root, [])
}

/** Whether a host lies under the node at `path`. */
export const underPath = (
  labels: Labels,
  order: readonly string[],
  path: readonly string[],
): boolean => path.every((value, level) => (labels[order[level] ?? ''] ?? '') === value)

/** A path in an address: `sz/mall`; a value that holds a slash is escaped. */
export const pathText = (path: readonly string[]): string => path.map(encodeURIComponent).join('/')

/** undefined for a text that is no path. */
export const pathOf = (text: string): readonly string[] | undefined => {
  try {
    return text.split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
}
