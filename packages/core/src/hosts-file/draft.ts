// Collects the hosts of a file while it is read, and everything that is wrong with them.

import { driverNames } from '../host.ts'
import type {
  FileProblem,
  HostEntry,
  HostsFile,
  UnknownChoice,
  UnknownColumn,
} from '../host-entry.ts'
import { isAddress } from '../ip.ts'
import { isEncoding } from '../output-text.ts'
import type { ProblemDetails } from '../problem.ts'
import { isHostName } from '../selector.ts'

export const MAX_HOSTS = 100_000
const MAX_BYTES = 10 * 1024 * 1024
const MAX_PROBLEMS = 1000
const MAX_UNKNOWN = 100

export const textKeys = [
  'name',
  'address',
  'port',
  'driver',
  'credential',
  'jump',
  'outerAddress',
  'encoding',
] as const
export type TextKey = (typeof textKeys)[number]

const keys = new Map<string, TextKey>([
  ...textKeys.map((key): [string, TextKey] => [key, key]),
  ['jumpHost', 'jump'],
])

export const keyOfHost = (key: string): TextKey | undefined => keys.get(key)

/** A host as it is written: nothing checked yet. Empty texts count as absent. */
export interface WrittenHost {
  readonly line: number
  readonly texts: Readonly<Partial<Record<TextKey, string>>>
  readonly labels: ReadonlyMap<string, string>
  /** Columns of the texts, where the format has such. */
  readonly columns?: Readonly<Partial<Record<string, number>>>
}

export interface HostsDraft {
  /** Checks a host and keeps it if it can be kept. False: there are too many, stop reading. */
  readonly add: (host: WrittenHost) => boolean
  /** False: there are too many, stop reading. */
  readonly problem: (problem: FileProblem) => boolean
  readonly ignore: (key: string) => void
  /** What is to become of a column that means nothing here. Called again with each of its values. */
  readonly unknown: (column: string, line: number, value?: string) => UnknownChoice
  readonly tooLarge: (line: number, bytes?: number) => boolean
  readonly finish: () => HostsFile
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const control = /[\x00-\x1f\x7f]/

/** By column; what it does not decide is refused. */
export type UnknownRule = (column: string) => UnknownChoice

export const hostsDraft = (rule: UnknownRule = () => 'refuse'): HostsDraft => {
  const hosts: HostEntry[] = []
  const lines = new Map<string, number>()
  const problems: FileProblem[] = []
  const ignored = new Set<string>()
  const unknown = new Map<string, UnknownColumn>()

  const problem = (found: FileProblem): boolean => {
    problems.push(found)
    return problems.length < MAX_PROBLEMS
  }

  const tooLarge = (line: number, bytes = MAX_BYTES): boolean => {
    problem({ line, code: 'HOSTS_FILE_TOO_LARGE', details: { bytes, hosts: MAX_HOSTS } })
    return false
  }

  const add = (written: WrittenHost): boolean => {
    if (hosts.length >= MAX_HOSTS) return tooLarge(written.line)
    const { entry, wrong } = checkHost(written)
    for (const found of wrong) problem(found)
    if (entry) {
      const first = lines.get(entry.name)
      if (first === undefined) {
        lines.set(entry.name, entry.line)
        hosts.push(entry)
      } else {
        problem({
          line: entry.line,
          column: written.columns?.['name'],
          code: 'HOSTS_FILE_DUPLICATE',
          details: { name: entry.name, first },
        })
      }
    }
    return problems.length < MAX_PROBLEMS
  }

  return {
    add,
    problem,
    tooLarge,
    ignore: (key) => {
      if (ignored.size < 100) ignored.add(key)
    },
    unknown: (column, line, value = '') => {
      const known = unknown.get(column) ?? { column, line, samples: [] }
      const sample = cut(value.trim())
      const more = sample !== '' && known.samples.length < 3 && !known.samples.includes(sample)
      if (unknown.has(column) || unknown.size < MAX_UNKNOWN)
        unknown.set(column, more ? { ...known, samples: [...known.samples, sample] } : known)
      return rule(column)
    },
    finish: () => {
      if (hosts.length === 0 && problems.length === 0)
        problem({ line: 1, code: 'HOSTS_FILE_EMPTY', details: {} })
      return {
        hosts,
        problems: problems.slice(0, MAX_PROBLEMS).sort((a, b) => a.line - b.line),
        ignored: [...ignored],
        unknown: [...unknown.values()],
      }
    },
  }
}

const checkHost = ({
  line,
  texts,
  labels,
  columns = {},
}: WrittenHost): { entry?: HostEntry; wrong: FileProblem[] } => {
  const wrong: FileProblem[] = []
  const report = (key: string, code: string, details: ProblemDetails) => {
    const column = columns[key]
    wrong.push({ line, ...(column !== undefined && { column }), code, details })
  }
  const text = (key: TextKey): string | undefined => texts[key]?.trim() || undefined
  const address = text('address')
  const name = text('name') ?? address
  const port = text('port')
  const driver = text('driver')
  const outerAddress = text('outerAddress')
  const encoding = text('encoding')
  const known = driverNames.find((one) => one === driver)

  if (address === undefined) report('address', 'HOSTS_FILE_ADDRESS_MISSING', {})
  else if (!isAddress(address)) report('address', 'HOSTS_FILE_ADDRESS', { address: cut(address) })
  // A host called by its bad address is told once.
  if (name !== undefined && !isHostName(name) && (name !== address || isAddress(name)))
    report('name', 'HOSTS_FILE_NAME', { name: cut(name) })
  if (port !== undefined && !isPort(port)) report('port', 'HOSTS_FILE_PORT', { port: cut(port) })
  if (driver !== undefined && !known)
    report('driver', 'HOSTS_FILE_DRIVER', { driver: cut(driver), known: [...driverNames] })
  if (outerAddress !== undefined && !isAddress(outerAddress))
    report('outerAddress', 'HOSTS_FILE_ADDRESS', { address: cut(outerAddress) })
  if (encoding !== undefined && !isEncoding(encoding))
    report('encoding', 'HOSTS_FILE_ENCODING', { encoding: cut(encoding) })
  for (const key of ['credential', 'jump'] as const) {
    const value = text(key)
    if (value !== undefined && (value.length > 253 || control.test(value)))
      report(key, 'HOSTS_FILE_VALUE', { key })
  }
  const kept = [...labels].map(([label, value]) => [label.trim(), value.trim()] as const)
  for (const [label, value] of kept)
    if (label === '' || label.length > 64 || value.length > 256 || control.test(label + value))
      report(`label:${label}`, 'HOSTS_FILE_LABEL', { label: cut(label) })

  if (wrong.length > 0 || name === undefined || address === undefined) return { wrong }
  const credential = text('credential')
  const jump = text('jump')
  return {
    wrong,
    entry: {
      line,
      name,
      address,
      ...(port !== undefined && { port: Number(port) }),
      ...(known && { driver: known }),
      ...(credential && { credential }),
      ...(jump && { jump }),
      ...(outerAddress && { outerAddress }),
      ...(encoding && { encoding }),
      // An empty cell is a host without the label.
      labels: Object.fromEntries(kept.filter(([, value]) => value !== '')),
    },
  }
}

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535

/** What a problem quotes from the file: never a megabyte of it. */
const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)
