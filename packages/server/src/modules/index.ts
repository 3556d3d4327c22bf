// What other slices may use of modules.

import type { Handler } from '../http/index.ts'
import type { Services } from '../services.ts'
import { createCustomModules } from './custom-service.ts'
import { moduleHandlers } from './routes.ts'
import { createModuleService, type ModuleService } from './service.ts'

export type { CatalogueEntry, ModuleCatalogue } from './catalogue.ts'
export { choicesHandler } from './choices.ts'

export interface Modules {
  readonly service: ModuleService
  readonly handlers: readonly Handler[]
  start(): Promise<void>
  stop(): Promise<void>
}

export const createModules = (
  services: Services,
  options: { readonly modulesDir?: string } = {},
): Modules => {
  const service = createModuleService(services, options)
  return {
    service,
    handlers: moduleHandlers(service, createCustomModules(services, service)),
    start: () => service.start(),
    stop: () => service.stop(),
  }
}
