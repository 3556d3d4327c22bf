// The catalogue: built-in modules, modules in files, and published custom modules, under one name space.

import {
  checkParams,
  evaluateModule,
  formOf,
  type Module,
  moduleOfCustom,
  Problem,
} from '@omserver/core'
import { builtinModules } from '@omserver/modules'
import type { Services } from '../services.ts'
import type { CatalogueEntry, Evaluation, ModuleCatalogue } from './catalogue.ts'
import { describeModule } from './describe-module.ts'
import type { HostedModule } from './hosted-module.ts'
import { moduleFolder } from './module-folder.ts'
import { moduleThrew } from './module-threw.ts'
import { listCustom, listVersions } from './table.ts'

export interface ModuleService extends ModuleCatalogue {
  isBuiltin(name: string): boolean
  /** Before `start`: what another slice carries out itself. */
  host(module: HostedModule): void
  start(): Promise<void>
  stop(): Promise<void>
}

export const createModuleService = (
  services: Pick<Services, 'db' | 'log'>,
  options: { readonly modulesDir?: string },
): ModuleService => {
  const builtin = new Map(builtinModules.map((module) => [module.name, module]))
  const builtinEntries = builtinModules.map((module) => describeModule(module, 'builtin'))
  const hosted = new Map<string, HostedModule>()
  const isBuiltin = (name: string): boolean => builtin.has(name) || hosted.has(name)
  const hostedEntries = (): CatalogueEntry[] =>
    [...hosted.values()].map((module) => ({
      ...describeModule(module, 'builtin'),
      checkable: false,
      may: module.may,
    }))
  const folder =
    options.modulesDir === undefined
      ? undefined
      : moduleFolder(options.modulesDir, { log: services.log, taken: isBuiltin })

  const publishedOf = async (name?: string): Promise<{ module: Module; version: number }[]> => {
    const rows = (await listCustom(services.db)).filter(
      (row) => row.publishedVersion !== null && (name === undefined || row.name === name),
    )
    return Promise.all(
      rows.map(async (row) => {
        const version = row.publishedVersion ?? 0
        const found = (await listVersions(services.db, row.id)).find(
          (one) => one.version === version,
        )
        if (!found) throw new Error(`published version ${version} of ${row.name} is missing`)
        // A draft may carry a new name; what is published keeps the name people know until it is published.
        return { module: moduleOfCustom({ ...found.content, name: row.name }), version }
      }),
    )
  }

  const find = async (name: string): Promise<CatalogueEntry | undefined> => {
    const known =
      builtinEntries.find((entry) => entry.name === name) ??
      hostedEntries().find((entry) => entry.name === name) ??
      folder?.entries().find((entry) => entry.name === name)
    if (known) return known
    const [custom] = await publishedOf(name)
    return custom && describeModule(custom.module, 'custom', custom.version)
  }

  return {
    isBuiltin,
    host: (module) => void hosted.set(module.name, module),
    hosted: (name) => hosted.get(name),
    list: async () => [
      ...builtinEntries,
      ...hostedEntries(),
      ...(folder?.entries() ?? []),
      ...(await publishedOf()).map(({ module, version }) =>
        describeModule(module, 'custom', version),
      ),
    ],
    broken: () => folder?.broken() ?? [],
    find,
    evaluate: async (name, params, { check }): Promise<Evaluation> => {
      const entry = await find(name)
      if (!entry) throw new Problem('MODULE_UNKNOWN', { module: name })
      const own = hosted.get(name)
      if (own) {
        const checked = checkParams(own.params, formOf(own.params), params)
        if (!checked.ok) return { entry, ...checked }
        return { entry, ok: true, action: check ? null : await own.firstAction(checked.params) }
      }
      const file = folder?.holding(name)
      if (file) return { entry, ...(await file.evaluate(name, params, check)) }
      const module = builtin.get(name) ?? (await publishedOf(name))[0]?.module
      if (!module) throw new Problem('MODULE_UNKNOWN', { module: name })
      try {
        return { entry, ...evaluateModule(module, params, check) }
      } catch (error) {
        throw moduleThrew(name, error)
      }
    },
    start: async () => folder?.start(),
    stop: async () => folder?.stop(),
  }
}
