// How the nodes of a YAML document are read: aliases followed, texts as written, places in the file.

import type { YAMLMap } from 'yaml'

/** Reads nodes of one document, and knows their places. */
export interface YamlReader {
  readonly place: (node: unknown) => { readonly line: number; readonly column?: number }
  /** Aliases followed. */
  readonly follow: (node: unknown) => unknown
  /** As it is written (`012`, `yes`); undefined for null and for what is no scalar. */
  readonly text: (node: unknown) => string | undefined
  readonly entries: (map: YAMLMap) => readonly YamlEntry[]
}

export interface YamlEntry {
  readonly key: string
  /** The node of the key. */
  readonly at: unknown
  readonly value: unknown
  /** The key stands in this map before. */
  readonly twice: boolean
}
