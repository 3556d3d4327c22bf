// Controllers: enrolled, watched, drained, revoked.

import type { Host } from '@omserver/core'
import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { controllerHandlers } from './routes.ts'
import { type ControllerService, controllerService } from './service.ts'

export type { ControllerService } from './service.ts'

/** Another server may have enrolled or revoked one. */
const LOOK_EVERY_MS = 5_000

export const createControllers = (
  services: Services,
  others: {
    readonly hosts: () => Promise<readonly Host[]>
    readonly version: string
    readonly offerAgain: (idc: string) => Promise<void>
  },
): Slice<ControllerService> => {
  const service = controllerService({ ...services, ...others })
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    service.refresh().catch((error: unknown) => {
      services.log.warn({ err: error }, 'enrolled controllers could not be read')
    })
  }
  return {
    service,
    handlers: controllerHandlers(service),
    start: async () => {
      await service.refresh()
      // A controller waits for its IDC. Not waited for here: one that is cut off must not keep the server from starting.
      for (const idc of await service.enrolledIdcs()) {
        services.engine.ensure(idc).catch((error: unknown) => {
          services.log.warn({ err: error, idc }, 'what the IDC needs could not be made yet')
        })
      }
      timer = setInterval(look, LOOK_EVERY_MS)
      timer.unref()
    },
    stop: async () => clearInterval(timer),
  }
}
