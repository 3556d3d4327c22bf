// What a hosts file holds: its hosts as written, and what is wrong with it.

import type { DriverName, Labels } from './host.ts'
import type { ProblemDetails } from './problem.ts'

export interface HostEntry {
  /** Where it stands in the file, from 1. */
  readonly line: number
  readonly name: string
  readonly address: string
  readonly port?: number
  readonly driver?: DriverName
  /** Name of a credential. */
  readonly credential?: string
  /** Name of the host to go through. */
  readonly jump?: string
  readonly outerAddress?: string
  readonly encoding?: string
  readonly labels: Labels
}

/** `code` is one of the HOSTS_FILE_ codes. `column` counts characters (YAML) or cells (CSV) from 1. */
export interface FileProblem {
  readonly line: number
  readonly column?: number
  readonly code: string
  readonly details: ProblemDetails
}

/** With problems, `hosts` holds what could be read nevertheless: for a preview, never to be imported. */
export interface HostsFile {
  readonly hosts: readonly HostEntry[]
  readonly problems: readonly FileProblem[]
  /** Worth telling, not wrong: variables of an Ansible inventory that mean nothing here. */
  readonly ignored: readonly string[]
  /** Columns and keys that mean nothing here, whatever became of them; at most 100. */
  readonly unknown: readonly UnknownColumn[]
  /** What the file was taken for; absent for pasted lists and files that were too large to look into. */
  readonly format?: HostsFormat
}

export type HostsFormat = 'yaml' | 'csv' | 'ansible'

export interface UnknownColumn {
  readonly column: string
  /** Where it stands first. */
  readonly line: number
  /** Up to three of its values. */
  readonly samples: readonly string[]
}

/** `label`: its values become labels of that name. */
export const unknownChoices = ['refuse', 'label', 'ignore'] as const
export type UnknownChoice = (typeof unknownChoices)[number]
