// Files that list hosts: YAML, CSV or an Ansible inventory, in any encoding people send, with problems by line.

import type { DriverName, Labels } from './host.ts'
import { parseAnsibleIni } from './hosts-file/ansible-ini.ts'
import { parseAnsibleYaml } from './hosts-file/ansible-yaml.ts'
import { parseCsv } from './hosts-file/csv.ts'
import { decodeText } from './hosts-file/decode.ts'
import { HostsDraft } from './hosts-file/draft.ts'
import { parseYaml } from './hosts-file/yaml.ts'
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
  /** Worth telling, not wrong: keys of an Ansible inventory that mean nothing here. */
  readonly ignored: readonly string[]
}

export type HostsFormat = 'yaml' | 'csv' | 'ansible'

export const HOSTS_FILE_MAX_BYTES = 10 * 1024 * 1024

/**
 * Reads a hosts file; what it is comes from `format`, else from the file's name, else from its content. Never
 * throws: a file that cannot be read at all is one problem. At most 10 MiB and 100,000 hosts.
 */
export const parseHostsFile = (input: {
  readonly bytes: Uint8Array
  readonly format?: HostsFormat
  readonly fileName?: string
}): HostsFile => {
  const draft = new HostsDraft()
  if (input.bytes.length > HOSTS_FILE_MAX_BYTES) {
    draft.tooLarge(HOSTS_FILE_MAX_BYTES)
    return draft.finish()
  }
  const text = decodeText(input.bytes)
  try {
    readers[input.format ?? formatOfName(input.fileName) ?? formatOfText(text)](text, draft)
  } catch (error) {
    // A parser that gives up (thousands of levels, say) must not take the server with it.
    const reason = error instanceof Error ? error.message : String(error)
    draft.problem({ line: 1, code: 'HOSTS_FILE_UNREADABLE', details: { reason: reason.slice(0, 200) } })
  }
  return draft.finish()
}

const looksLikeYaml = (text: string): boolean => /^\s*(?:#[^\n]*\n\s*|---[^\n]*\n\s*)*(?:\{|["'\w.-]+["']?\s*:(?:\s|$))/.test(text.slice(0, 65_536))
const looksLikeInventory = (text: string): boolean => /^\s*["']?(?:hosts|children|vars)["']?\s*:/m.test(text) && !/^["'{\s]*hosts["']?\s*:/m.test(text)

const readers: Readonly<Record<HostsFormat, (text: string, draft: HostsDraft) => void>> = {
  yaml: (text, draft) => (looksLikeInventory(text) ? parseAnsibleYaml : parseYaml)(text, draft),
  csv: parseCsv,
  ansible: (text, draft) => (looksLikeYaml(text) ? parseAnsibleYaml : parseAnsibleIni)(text, draft),
}

const formatOfName = (name: string | undefined): HostsFormat | undefined => {
  const ending = /\.([^.]+)$/.exec(name ?? '')?.[1]?.toLowerCase()
  if (ending === 'yml' || ending === 'yaml' || ending === 'json') return 'yaml'
  if (ending === 'csv' || ending === 'tsv') return 'csv'
  return ending === 'ini' || ending === 'cfg' || name === 'hosts' ? 'ansible' : undefined
}

const formatOfText = (text: string): HostsFormat => {
  if (looksLikeYaml(text)) return 'yaml'
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? ''
  return /[,;\t]/.test(first) && !first.includes('=') ? 'csv' : 'ansible'
}
