// Controllers: enrolled, watched, drained, revoked.

import type { Host } from '@omserver/core'
import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import type { Certificates } from './enrolment.ts'
import { presenceWatch } from './presence-watch.ts'
import { controllerHandlers } from './routes.ts'
import { type ControllerService, controllerService } from './service.ts'

export type { Certificates } from './enrolment.ts'
export type { ControllerService } from './service.ts'

/** Another server may have enrolled or revoked one. */
const LOOK_EVERY_MS = 5_000

export const createControllers = (
  services: Services,
  others: {
    readonly hosts: () => Promise<readonly Host[]>
    readonly version: string
    readonly offerAgain: (idc: string) => Promise<void>
    readonly storedUpTo: (idc: string) => Promise<number>
    readonly certificates?: Certificates
  },
): Slice<ControllerService> => {
  const { log, engine } = services
  const service = controllerService({ ...services, ...others })
  const watch = presenceWatch(engine, async (presence) => {
    try {
      await service.see(presence)
    } catch (error) {
      log.warn({ err: error, controller: presence.name }, 'a controller could not be enrolled')
    }
  })
  let timer: NodeJS.Timeout | undefined
  const lookAt = async (): Promise<void> => {
    await service.refresh()
    if (!others.certificates) return
    await service.followCa()
    watch.also(await service.idcs())
  }
  const look = (): void => {
    lookAt().catch((error: unknown) => {
      log.warn({ err: error }, 'enrolled controllers could not be read')
    })
  }
  return {
    service,
    handlers: controllerHandlers(service),
    start: async () => {
      await service.refresh()
      look()
      // A controller waits for its IDC. Not waited for here: one that is cut off must not keep the server from starting.
      for (const idc of await service.enrolledIdcs()) {
        engine.ensure(idc).catch((error: unknown) => {
          log.warn({ err: error, idc }, 'what the IDC needs could not be made yet')
        })
      }
      timer = setInterval(look, LOOK_EVERY_MS)
      timer.unref()
    },
    stop: async () => {
      clearInterval(timer)
      watch.stop()
    },
  }
}
