// Runs that clients begin in an IDC without the server: who may, what its controllers are told, and hearing of it.

import type { Stop } from '@omserver/engine'
import { abortKey, serverOpeningKey } from '@omserver/engine'
import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import type { DirectParts } from './parts.ts'
import { bookPublisher } from './publisher.ts'
import { directHandlers } from './routes.ts'
import { type DirectService, directService } from './service.ts'

export type { BegunRun, DirectService } from './service.ts'

/** What changes within this time makes one book. */
const LOOK_EVERY_MS = 5_000

const ABORT = abortKey('')

export const createDirect = (
  services: Services,
  parts: DirectParts,
  /** Told of what lies there and of what comes: of both again after a restart. */
  heard: {
    /** What controllers say in the IDC is to be read, whether a run of the server goes there or not. */
    readonly listen: (idc: string) => Promise<void>
    readonly run: (idc: string, runId: string) => Promise<void>
    readonly abort: (idc: string, runId: string) => Promise<void>
  },
): Slice<DirectService> => {
  const { engine, log } = services
  const serverKey = () => serverOpeningKey(parts.masterKey)
  const publisher = bookPublisher(services, parts, serverKey)
  const service = directService(services, parts, { publisher, serverKey })
  const watching = new Map<string, Promise<Stop>>()
  let timer: NodeJS.Timeout | undefined
  let isLooking = false
  let stopped = false

  const onBegun = (idc: string, key: string, isThere: boolean): void => {
    if (!isThere || stopped) return
    const told = key.startsWith(ABORT)
      ? heard.abort(idc, key.slice(ABORT.length))
      : isRunId(key)
        ? heard.run(idc, key)
        : Promise.resolve()
    told.catch((error: unknown) => {
      log.error({ err: error, idc, key }, 'what a client has begun could not be stored')
    })
  }

  const watch = (idc: string): void => {
    if (watching.has(idc)) return
    const watched = (async () => {
      await heard.listen(idc)
      return engine.begun.watch(idc, (key, value) => onBegun(idc, key, value !== undefined))
    })()
    watching.set(idc, watched)
    watched.catch((error: unknown) => {
      watching.delete(idc)
      if (!stopped) log.warn({ err: error, idc }, 'what is begun in an IDC cannot be heard yet')
    })
  }

  const look = async (): Promise<void> => {
    await service.followCa().catch((error: unknown) => {
      log.warn({ err: error }, 'clients of the CA could not be read')
    })
    for (const idc of await service.idcs()) watch(idc)
    await publisher.look()
  }

  const lookSoon = (): void => {
    if (isLooking) return
    isLooking = true
    look()
      .catch((error: unknown) => log.error({ err: error }, 'clients of IDCs could not be read'))
      .finally(() => {
        isLooking = false
      })
  }

  return {
    service,
    handlers: directHandlers(service),
    start: async () => {
      if (engine.kind !== 'nats' || !parts.signing) return
      lookSoon()
      timer = setInterval(lookSoon, LOOK_EVERY_MS)
      timer.unref()
    },
    stop: async () => {
      stopped = true
      clearInterval(timer)
      // One that is still being opened ends with the engine.
      for (const watched of watching.values()) {
        void watched.then(
          (stop) => stop(),
          () => undefined,
        )
      }
    },
  }
}

const isRunId = (key: string): boolean => /^[0-9a-f-]{36}$/.test(key)
