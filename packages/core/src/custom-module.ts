// stub
import { z } from 'zod'
import type { Interpreter, RunAs } from './action.ts'
import type { FormField } from './form.ts'
import type { Module, ModuleCategory } from './module.ts'
import type { TableSpec } from './table.ts'
import type { Text } from './text.ts'
export interface CustomModule {
  readonly name: string
  readonly title: Text
  readonly summary: Text
  readonly category: ModuleCategory
  readonly fields: readonly FormField[]
  readonly script: { readonly interpreter: Interpreter; readonly content: string }
  readonly dangerous?: Text
  readonly timeoutMs?: number
  readonly table?: TableSpec
  readonly runAs?: Pick<RunAs, 'user' | 'method'>
}
export const customModuleSchema: z.ZodType<CustomModule> = z.any()
export const moduleOfCustom = (custom: CustomModule): Module => { throw new Error('not written yet') }
export const exportCustom = (custom: CustomModule): string => { throw new Error('not written yet') }
