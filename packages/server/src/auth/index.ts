// Signing in and out, sessions, and who a request comes from.

import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { authHandlers } from './routes.ts'
import { type AuthOptions, type AuthService, authService } from './service.ts'

export type { AuthService } from './service.ts'

const CLEAN_EVERY_MS = 3_600_000

export const createAuth = (services: Services, options: AuthOptions): Slice<AuthService> => {
  const service = authService(services, options)
  let timer: NodeJS.Timeout | undefined
  const clean = () =>
    service
      .removeExpired()
      .catch((error: unknown) => services.log.error({ err: error }, 'sessions not cleaned'))
  return {
    service,
    handlers: authHandlers(service, options),
    start: async () => {
      await clean()
      timer = setInterval(clean, CLEAN_EVERY_MS)
      timer.unref()
    },
    stop: async () => clearInterval(timer),
  }
}
