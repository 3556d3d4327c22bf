// stub
import type { DriverName, Labels } from './host.ts'
import type { ProblemDetails } from './problem.ts'
export interface HostEntry {
  readonly line: number
  readonly name: string
  readonly address: string
  readonly port?: number
  readonly driver?: DriverName
  readonly credential?: string
  readonly jump?: string
  readonly outerAddress?: string
  readonly encoding?: string
  readonly labels: Labels
}
export interface FileProblem { readonly line: number; readonly column?: number; readonly code: string; readonly details: ProblemDetails }
export interface HostsFile { readonly hosts: readonly HostEntry[]; readonly problems: readonly FileProblem[] }
export type HostsFormat = 'yaml' | 'csv' | 'ansible'
export const parseHostsFile = (input: { readonly bytes: Uint8Array; readonly format?: HostsFormat; readonly fileName?: string }): HostsFile => { throw new Error('not written yet') }
export const parseHostList = (text: string): HostsFile => { throw new Error('not written yet') }
