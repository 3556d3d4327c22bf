// What the rest of the server knows of modules: their descriptions, and how parameters become an action.

import type { ModuleView } from '@omserver/api'
import type {
  Action,
  AnswerMask,
  FieldProblem,
  FormField,
  ModuleCategory,
  Permission,
  TableSpec,
  Text,
} from '@omserver/core'
import type { HostedModule } from './hosted-module.ts'

/** A module as data: everything but its functions. */
export interface CatalogueEntry {
  readonly name: string
  readonly title: Text
  readonly summary: Text
  readonly category: ModuleCategory
  readonly source: ModuleView['source']
  readonly fields: readonly FormField[]
  /** JSON Schema 2020-12. */
  readonly paramsSchema: unknown
  readonly table?: TableSpec
  readonly idempotent: boolean
  readonly dangerous?: Text
  readonly checkable: boolean
  readonly timeoutMs?: number
  readonly needs?: Text
  readonly mask: readonly AnswerMask[]
  /** Of a custom module: the published version. */
  readonly version?: number
  /** Needed besides a grant. */
  readonly may?: Permission
}

export interface BrokenModule {
  /** Name of the file within the modules folder. */
  readonly file: string
  readonly message: string
  readonly line: number | null
}

export type Evaluation =
  | { readonly ok: true; readonly entry: CatalogueEntry; readonly action: Action }
  /** Check mode was asked for and the module has no read-only action. */
  | { readonly ok: true; readonly entry: CatalogueEntry; readonly action: null }
  | {
      readonly ok: false
      readonly entry: CatalogueEntry
      readonly problems: readonly FieldProblem[]
    }

export interface ModuleCatalogue {
  list(): Promise<readonly CatalogueEntry[]>
  broken(): readonly BrokenModule[]
  find(name: string): Promise<CatalogueEntry | undefined>
  /** The module of this name, if the server carries it out itself. */
  hosted(name: string): HostedModule | undefined
  /**
   * `params` as typed, secrets already replaced by references. Throws Problem MODULE_UNKNOWN {module},
   * MODULE_THREW {module, message}, MODULE_TIMEOUT {module, seconds}.
   */
  evaluate(
    name: string,
    params: Readonly<Record<string, unknown>>,
    options: { readonly check: boolean },
  ): Promise<Evaluation>
}
