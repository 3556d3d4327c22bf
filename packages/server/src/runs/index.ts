// Runs (执行): one launch of a module on frozen targets, from its first slice to its last host.

import type { After } from '@omserver/engine'
import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import type { RunParts } from './ports.ts'
import { runHandlers } from './routes.ts'
import { RunService } from './service.ts'

export { readOutput } from './output.ts'
export type { RunParts, RunSource } from './ports.ts'
export type { OnceLogin } from './secrets.ts'
export type { LaunchAction, RunService } from './service.ts'
export { CHOICES } from './table.ts'

const TRIM_EVERY_MS = 24 * 3_600_000

/** `service.secrets` is the port that controllers open secrets through. */
export const createRuns = (
  services: Services,
  parts: RunParts,
  options: { readonly after?: After } = {},
): Slice<RunService> => {
  const service = new RunService(services, parts, options)
  let timer: NodeJS.Timeout | undefined
  let trimming: Promise<void> = Promise.resolve()
  const trim = (): void => {
    trimming = service.removeOld().then(
      () => undefined,
      (error: unknown) => services.log.error({ err: error }, 'old runs were not removed'),
    )
  }
  return {
    service,
    handlers: runHandlers(service),
    start: async () => {
      await service.start()
      trim()
      timer = setInterval(trim, TRIM_EVERY_MS)
      timer.unref()
    },
    stop: async () => {
      clearInterval(timer)
      await service.stop()
      await trimming
    },
  }
}
