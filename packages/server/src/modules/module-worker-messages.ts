// What the server and the worker of a user's module file say to each other.

import type { CatalogueEntry } from './catalogue.ts'
import type { ModuleAnswer } from './evaluate-module.ts'

export interface WorkerData {
  readonly file: string
}

export interface ToWorker {
  readonly id: number
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  readonly check: boolean
}

export interface WorkerError {
  /** Set when the module threw a Problem. */
  readonly code: string | null
  readonly details: unknown
  readonly message: string
  readonly stack: string
}

export type FromWorker =
  | { readonly kind: 'loaded'; readonly entries: readonly CatalogueEntry[] }
  | { readonly kind: 'broken'; readonly error: WorkerError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: ModuleAnswer }
  | { readonly kind: 'threw'; readonly id: number; readonly error: WorkerError }
