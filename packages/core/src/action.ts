// What a module yields: an action, as data. It can be previewed, stored, diffed, sent and carried out by any driver.

import type { Json } from './json.ts'
import type { SecretRef } from './secret.ts'

/**
 * A piece of a command line: shell text as the module's author wrote it, a value that is quoted when the
 * command is rendered, or a variable of the host (`host.name`, `host.address`, `host.labels.idc` …), which the
 * controller fills in and quotes.
 */
export type CommandPart = string | { readonly value: string } | { readonly var: string }
export type Command = readonly CommandPart[]

/** The account that runs the command on the host. `password` is only for sudo or su that ask for one. */
export interface RunAs {
  readonly user: string
  readonly method: 'sudo' | 'su'
  readonly password?: SecretRef
}

/** What every leaf that starts a process on a host shares. */
export interface ProcessOptions {
  readonly runAs?: RunAs
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | SecretRef>>
  readonly stdin?: string | SecretRef
  /** Exit codes that count as ok; [0] when absent. */
  readonly okExit?: readonly number[]
  /** Exit codes that count as ok and changed; the host's `changed` is then known, else it is absent. */
  readonly changedExit?: readonly number[]
}

/** One command line for `/bin/sh`, POSIX, on every host. */
export interface ShellAction extends ProcessOptions {
  readonly kind: 'shell'
  readonly command: Command
  /** `disconnect`: the connection going away is success (reboot, network restart). */
  readonly endsBy?: 'exit' | 'disconnect'
}

export type Interpreter = 'sh' | 'bash' | 'python3' | 'perl'

/** A multi-line script, fed to its interpreter without being written into a command line. */
export interface ScriptAction extends ProcessOptions {
  readonly kind: 'script'
  readonly interpreter: Interpreter
  readonly content: string
  readonly args?: readonly string[]
}

/** A file of the library, as it was when the run was launched. */
export interface FileContent {
  readonly version: number
  /** SHA-256, hex: a blob in the engine's Blobs. */
  readonly blob: string
  /** Bytes. */
  readonly size: number
  /** The blob is a tar archive of a folder. */
  readonly folder?: true
}

/** Content itself (UTF-8 text), a blob in the engine's Blobs, or an entry of the file library. */
export type CopySource =
  | { readonly text: string }
  | { readonly blob: string; readonly size: number }
  | {
      readonly file: string
      /** The newest when absent. */
      readonly version?: number
      /** Absent in what a module yields; filled in when the run is launched. */
      readonly content?: FileContent
    }

/**
 * Puts one file in place, atomically, or the files of a folder, each of them atomically. Files that are identical are
 * left alone (compared by SHA-256).
 */
export interface CopyAction {
  readonly kind: 'copy'
  readonly source: CopySource
  /** Text in which `{{host.name}}`, `{{host.labels.idc}}` … are filled in for each host. At most 1 MB. */
  readonly template?: boolean
  readonly dest: string
  /** Octal text such as `0644`; the file's present mode, or 0644 for a new one, when absent. */
  readonly mode?: string
  readonly owner?: string
  /** Keep what was there as `<dest>.<time>~`. */
  readonly backup?: boolean
  readonly runAs?: RunAs
}

/** Collects one file from a host; the run keeps it. */
export interface FetchAction {
  readonly kind: 'fetch'
  readonly path: string
  /** A larger file fails its host, and none of it is transferred. */
  readonly maxBytes: number
  readonly runAs?: RunAs
}

/** A project as it was when the run was launched: a tar.gz of its files in the engine's Blobs. */
export interface ProjectSource {
  /** SHA-256, hex. */
  readonly blob: string
  /** Bytes. */
  readonly size: number
  /** Of a project from Git. */
  readonly commit?: string
}

/** A playbook of a registered project, played by Ansible: one play of all its hosts in an IDC, never cut. */
export interface PlaybookAction {
  readonly kind: 'playbook'
  /** Name of the project. */
  readonly project: string
  /** Absent in what a module yields; filled in when the run is launched. */
  readonly source?: ProjectSource
  /** Path within the project. */
  readonly playbook: string
  /** Extra vars: never templated. Secrets only at the top. */
  readonly vars: Readonly<Record<string, Json | SecretRef>>
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  /** Narrows the hosts of the run further, in Ansible's own words. */
  readonly limit?: string
  readonly vaultPassword?: SecretRef
  readonly runAs?: RunAs
}

/** Salt states, applied to a minion. */
export interface StateAction {
  readonly kind: 'state'
  readonly sls: readonly string[]
  readonly pillar?: Readonly<Record<string, Json>>
  readonly saltenv?: string
}

/** One function of Salt (`test.ping`) or of a Func module (`service.restart`). */
export interface CallAction {
  readonly kind: 'call'
  readonly function: string
  readonly args: readonly Json[]
  /** Salt only. */
  readonly kwargs?: Readonly<Record<string, Json>>
}

/** What every driver that knows a shell can carry out. */
export type HostLeaf = ShellAction | ScriptAction | CopyAction
export const isHostLeaf = (leaf: LeafAction): leaf is HostLeaf =>
  leaf.kind === 'shell' || leaf.kind === 'script' || leaf.kind === 'copy'

export type LeafAction = HostLeaf | FetchAction | PlaybookAction | StateAction | CallAction
export type LeafKind = LeafAction['kind']

/** A test on an earlier step of the same host. All given tests must hold. */
export interface StepCondition {
  readonly step: string
  readonly exit?: readonly number[]
  readonly outputIncludes?: string
  readonly changed?: boolean
}

export interface Step {
  readonly name: string
  readonly action: LeafAction
  readonly when?: StepCondition
}

/** Leaves in order; stops at the first that is not ok; one deadline for all. */
export interface StepsAction {
  readonly kind: 'steps'
  readonly steps: readonly Step[]
}

export type Action = LeafAction | StepsAction

/** What a copy takes from the engine's Blobs; undefined: nothing, or it has not been filled in. */
export const blobOf = (
  source: CopySource,
): { readonly blob: string; readonly size: number } | undefined => {
  if ('text' in source) return undefined
  return 'blob' in source ? source : source.content
}

/** Hashes of the blobs that an action's copies need. */
export const blobsOf = (action: Action): readonly string[] => [
  ...new Set(
    leavesOf(action).flatMap((leaf) => {
      const found = leaf.kind === 'copy' ? blobOf(leaf.source) : undefined
      return found ? [found.blob] : []
    }),
  ),
]

/** The leaves of an action in the order they run. */
export const leavesOf = (action: Action): readonly LeafAction[] =>
  action.kind === 'steps' ? action.steps.map((step) => step.action) : [action]
