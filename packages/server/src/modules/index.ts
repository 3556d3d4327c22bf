// What other slices may use of modules.

import type { Handler } from '../http/index.ts'
import type { Services } from '../services.ts'
import { type CustomModuleService, createCustomModules } from './custom-service.ts'
import { moduleHandlers } from './routes.ts'
import { createModuleService, type ModuleService } from './service.ts'

export { parseAction } from './action-schema.ts'
export type { CatalogueEntry, ModuleCatalogue } from './catalogue.ts'
export { choicesHandler } from './choices.ts'
export { draftHandlers } from './draft.ts'
export { type HostedLaunch, type HostedModule, hostedModule } from './hosted-module.ts'

export interface Modules {
  readonly service: ModuleService
  readonly custom: CustomModuleService
  readonly handlers: readonly Handler[]
  start(): Promise<void>
  stop(): Promise<void>
}

export const createModules = (
  services: Services,
  options: { readonly modulesDir?: string } = {},
): Modules => {
  const service = createModuleService(services, options)
  const custom = createCustomModules(services, service)
  return {
    service,
    custom,
    handlers: moduleHandlers(service, custom),
    start: () => service.start(),
    stop: () => service.stop(),
  }
}
