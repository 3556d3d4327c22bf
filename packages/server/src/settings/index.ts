// Settings of the installation, and the health of the server.

import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { type HealthCheck, healthCheck } from './health.ts'
import { settingsHandlers } from './routes.ts'
import { type SettingsService, settingsService } from './service.ts'

export { defaultSettings, type SettingsService } from './service.ts'

export const createSettings = (
  services: Services,
  options: { readonly version: string },
): Slice<SettingsService> => {
  const service = settingsService(services)
  let health: HealthCheck | undefined
  return {
    service,
    handlers: settingsHandlers(
      service,
      () => {
        if (health === undefined) throw new Error('health was asked before the server started')
        return health
      },
      options.version,
    ),
    start: async () => {
      health = await healthCheck(services)
    },
    stop: async () => health?.stop(),
  }
}
