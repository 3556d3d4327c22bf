// A module's functions left out: what may cross to a browser or out of a process.

import { formOf, type Module } from '@omserver/core'
import { z } from 'zod'
import type { CatalogueEntry } from './catalogue.ts'

export const describeModule = (
  module: Omit<Module, 'action'>,
  source: CatalogueEntry['source'],
  version?: number,
): CatalogueEntry => ({
  name: module.name,
  title: module.title,
  summary: module.summary,
  category: module.category,
  source,
  fields: formOf(module.params),
  // Custom checks have no JSON Schema; the document then says less than the server checks.
  paramsSchema: z.toJSONSchema(module.params, { io: 'input', unrepresentable: 'any' }),
  table: module.table,
  idempotent: module.idempotent ?? false,
  dangerous: module.dangerous,
  checkable: Boolean(module.check ?? module.checksItself ?? module.idempotent),
  timeoutMs: module.timeoutMs,
  needs: module.needs,
  mask: module.mask ?? ['self'],
  version,
})
