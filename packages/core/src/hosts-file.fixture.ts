// Reads a hosts file that is given as text, for the tests of hosts files.

import type { HostsFormat } from './host-entry.ts'
import { parseHostsFile } from './hosts-file.ts'

export const bytes = (text: string) => new TextEncoder().encode(text)
export const read = (text: string, format?: HostsFormat, fileName?: string) =>
  parseHostsFile({ bytes: bytes(text), ...(format && { format }), ...(fileName && { fileName }) })
export const problems = (text: string, format?: HostsFormat) =>
  read(text, format).problems.map(({ line, column, code }) => [
    line,
    column,
    code.replace('HOSTS_FILE_', ''),
  ])
