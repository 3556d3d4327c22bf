// Files that list hosts: YAML, CSV or an Ansible inventory, in any encoding people send, with problems by line.

import type { HostsFile, HostsFormat } from './host-entry.ts'
import { readAnsibleIni } from './hosts-file/ansible-ini.ts'
import { readCsv } from './hosts-file/csv.ts'
import { decodeText } from './hosts-file/decode.ts'
import { type HostsDraft, hostsDraft, type UnknownRule } from './hosts-file/draft.ts'
import { readYaml } from './hosts-file/yaml.ts'

export const HOSTS_FILE_MAX_BYTES = 10 * 1024 * 1024

/**
 * Reads a hosts file; what it is comes from `format`, else from the file's name, else from its content. Never
 * throws: a file that cannot be read at all is one problem. At most 10 MiB, 100,000 hosts, and the first 1,000
 * problems.
 */
export const parseHostsFile = (input: {
  readonly bytes: Uint8Array
  readonly format?: HostsFormat
  readonly fileName?: string
  /** What becomes of columns (CSV) and keys (YAML) that mean nothing here; refused unless it says otherwise. */
  readonly unknown?: UnknownRule
}): HostsFile => {
  const draft = hostsDraft(input.unknown)
  if (input.bytes.length > HOSTS_FILE_MAX_BYTES) {
    draft.tooLarge(1)
    return draft.finish()
  }
  const format = read(input, draft)
  return { ...draft.finish(), format }
}

const read = (input: Parameters<typeof parseHostsFile>[0], draft: HostsDraft): HostsFormat => {
  const text = decodeText(input.bytes)
  const format = input.format ?? formatOfName(input.fileName) ?? formatOfText(text)
  try {
    readers[format](text, draft)
  } catch (error) {
    // A parser that gives up (at thousands of levels, say) must not take the server with it.
    const reason = error instanceof Error ? error.message : String(error)
    draft.problem({
      line: 1,
      code: 'HOSTS_FILE_UNREADABLE',
      details: { reason: reason.slice(0, 200) },
    })
  }
  return format
}

/** An inventory in YAML is told apart by what it holds, not by what it is called. */
const readers: Readonly<Record<HostsFormat, (text: string, draft: HostsDraft) => void>> = {
  yaml: readYaml,
  csv: readCsv,
  ansible: (text, draft) => (looksLikeYaml(text) ? readYaml : readAnsibleIni)(text, draft),
}

const formatOfName = (name = ''): HostsFormat | undefined => {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase()
  if (ending === 'yml' || ending === 'yaml' || ending === 'json') return 'yaml'
  if (ending === 'csv' || ending === 'tsv') return 'csv'
  return ending === 'ini' ? 'ansible' : undefined
}

const firstLine = (text: string): string =>
  text
    .slice(0, 65_536)
    .split('\n')
    .find((line) => !/^\s*(?:[#;].*)?$/.test(line)) ?? ''

const looksLikeYaml = (text: string): boolean =>
  /^\s*(?:---|\{|- |["']?[\w.-]+["']?\s*:(?:\s|$))/.test(firstLine(text))

const formatOfText = (text: string): HostsFormat => {
  if (looksLikeYaml(text)) return 'yaml'
  const first = firstLine(text)
  return /^sep=/i.test(first) || (/[,;\t]/.test(first) && !first.includes('=')) ? 'csv' : 'ansible'
}
