// Imports hosts from files and pasted lists: shown first, then done as a whole or not at all.

import { errorText, type ImportPreview } from '@omserver/api'
import {
  type FileProblem,
  type HostsFile,
  type HostsFormat,
  Problem,
  parseHostList,
  parseHostsFile,
  type UnknownChoice,
} from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { credentialNames } from './credential-names.ts'
import { type ImportDefaults, type ImportPlan, planImport } from './plan-import.ts'
import type { HostParts } from './service.ts'
import { sharedAddresses } from './shared-addresses.ts'

interface ImportInput {
  /** Bytes of the file, base64. */
  readonly content: string
  readonly fileName?: string
  readonly format?: HostsFormat | 'list'
  readonly defaults?: ImportDefaults
  readonly unknown?: UnknownChoice
  readonly columns?: Readonly<Record<string, UnknownChoice>>
}

interface ImportCounts {
  readonly added: number
  readonly updated: number
  readonly same: number
}

export interface ImportService {
  /** Throws Problem for bad defaults: LABEL_BAD, CREDENTIAL_UNKNOWN, JUMP_UNKNOWN. What is wrong with the file is in the answer. */
  preview(input: ImportInput): Promise<ImportPreview>
  /** Throws Problem HOSTS_FILE_PROBLEMS {count, line, first, problems} and those of `preview`. */
  import(actor: Actor, input: ImportInput): Promise<ImportCounts>
}

const SHOWN_ROWS = 500
const SHOWN_PROBLEMS = 1000

export const importService = (
  services: Pick<Services, 'clock' | 'newId' | 'activity'>,
  { store, credentials }: HostParts,
): ImportService => {
  const planner = async (input: ImportInput) => {
    const file = read(input)
    const names = credentialNames(await credentials.names())
    const plan = (fleet: Parameters<typeof planImport>[2]['fleet']): ImportPlan => {
      const planned = planImport(file.hosts, input.defaults ?? {}, {
        fleet,
        credentials: names,
        newId: services.newId,
        now: services.clock.now(),
      })
      const problems = [...file.problems, ...planned.problems].sort((a, b) => a.line - b.line)
      return { hosts: planned.hosts, problems }
    }
    return { plan, file }
  }
  return {
    preview: async (input) => {
      const { plan, file } = await planner(input)
      const fleet = await store.current()
      const { hosts, problems } = plan(fleet)
      const { added, updated, same } = countsOf(hosts)
      const wrong = new Set(problems.map(({ line }) => line))
      const rank = ({ line, before, changes }: ImportPlan['hosts'][number]) =>
        wrong.has(line) ? 0 : !before ? 2 : changes.length > 0 ? 1 : 3
      return {
        format: input.format ?? file.format ?? 'list',
        add: added,
        update: updated,
        same,
        problems: problems.slice(0, SHOWN_PROBLEMS).map(problemView),
        unknown: file.unknown.map((one) => ({
          ...one,
          samples: [...one.samples],
          choice: choiceOf(input, one.column),
        })),
        ignored: [...file.ignored],
        shared: sharedAddresses(
          hosts.map(({ host }) => host),
          fleet.hosts,
        ),
        rows: hosts
          .toSorted((a, b) => rank(a) - rank(b) || a.line - b.line)
          .slice(0, SHOWN_ROWS)
          .map(({ line, host, before, changes }) => ({
            line,
            name: host.name,
            address: host.address,
            port: host.port,
            labels: host.labels,
            what: !before ? 'add' : changes.length > 0 ? 'update' : 'same',
            changes: [...changes],
          })),
      }
    },
    import: async (actor, input) => {
      const { plan, file } = await planner(input)
      const { hosts, counts } = await store.change((fleet) => {
        const planned = plan(fleet)
        refuseProblems(planned.problems)
        const touched = planned.hosts.filter(({ host, before }) => host !== before)
        return {
          change: { put: touched.map(({ host }) => host) },
          answer: { hosts: touched, counts: countsOf(planned.hosts) },
        }
      })
      const updated = hosts.filter(({ before }) => before)
      if (hosts.length > 0)
        await services.activity.record(actor, {
          what: 'hosts.import',
          subject: input.fileName ?? file.format ?? 'list',
          hosts: hosts.map(({ host }) => host.name),
          before: changesSide(updated, 'from'),
          after: { ...counts, changed: changesSide(updated, 'to') },
        })
      return counts
    },
  }
}

const choiceOf = ({ unknown = 'refuse', columns = {} }: ImportInput, column: string) =>
  Object.hasOwn(columns, column) ? (columns[column] ?? unknown) : unknown

const read = (input: ImportInput): HostsFile => {
  const { content, format, fileName } = input
  const bytes = Buffer.from(content, 'base64')
  return format === 'list'
    ? parseHostList(new TextDecoder().decode(bytes))
    : parseHostsFile({ bytes, format, fileName, unknown: (column) => choiceOf(input, column) })
}

const countsOf = (hosts: ImportPlan['hosts']): ImportCounts => {
  const added = hosts.filter(({ before }) => !before).length
  const updated = hosts.filter(({ before, changes }) => before && changes.length > 0).length
  return { added, updated, same: hosts.length - added - updated }
}

const problemView = ({ line, column, code, details }: FileProblem) => ({
  line,
  column: column ?? null,
  code,
  message: errorText(code, details),
})

const refuseProblems = (problems: readonly FileProblem[]): void => {
  const [first] = problems
  if (!first) return
  throw new Problem('HOSTS_FILE_PROBLEMS', {
    count: problems.length,
    line: first.line,
    first: { ...errorText(first.code, first.details) },
    problems: problems.slice(0, SHOWN_PROBLEMS).map((problem) => {
      const view = problemView(problem)
      return { ...view, message: { ...view.message } }
    }),
  })
}

/** What 100 of the changed hosts had, or have now: for the activity log. */
const changesSide = (hosts: ImportPlan['hosts'], side: 'from' | 'to') =>
  hosts.slice(0, 100).map(({ host, changes }) => ({
    name: host.name,
    ...Object.fromEntries(changes.map((change) => [change.field, change[side]])),
  }))
