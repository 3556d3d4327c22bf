// What the server and the process of a user's module file say to each other.

import type { ModuleAnswer } from '@omserver/core'
import type { CatalogueEntry } from './catalogue.ts'

export interface ToModule {
  readonly id: number
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  readonly check: boolean
}

export interface ModuleError {
  /** Set when the module threw a Problem. */
  readonly code: string | null
  readonly details: unknown
  readonly message: string
  readonly stack: string
}

export type FromModule =
  | { readonly kind: 'loaded'; readonly entries: readonly CatalogueEntry[] }
  /** The file could not be loaded, or an error that nobody caught ends the process. */
  | { readonly kind: 'broken'; readonly error: ModuleError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: ModuleAnswer }
  | { readonly kind: 'threw'; readonly id: number; readonly error: ModuleError }

const kinds: readonly unknown[] = [
  'loaded',
  'broken',
  'answer',
  'threw',
] satisfies FromModule['kind'][]

/** Our half of the channel speaks first and alone; a library that greets its parent process is not heard. */
export const parseFromModule = (message: unknown): FromModule | undefined =>
  typeof message === 'object' &&
  message !== null &&
  'kind' in message &&
  kinds.includes(message.kind)
    ? (message as FromModule)
    : undefined
