// The activity log (操作日志): what people did in OMServer.

import type { Services } from '../services.ts'
import type { SettingsService } from '../settings/index.ts'
import type { Slice } from '../slice.ts'
import { activityHandlers } from './routes.ts'
import { type ActivityService, activityService } from './service.ts'

export { type ActivityService, activityLog } from './service.ts'

const TRIM_EVERY_MS = 6 * 3_600_000

export const createActivity = (
  services: Services,
  parts: { readonly settings: SettingsService },
): Slice<ActivityService> => {
  const service = activityService(services)
  let timer: NodeJS.Timeout | undefined
  const trim = async () => {
    const { activityRetentionDays } = await parts.settings.read()
    await service.trim(activityRetentionDays)
  }
  const trimAndLog = () =>
    trim().catch((error: unknown) => services.log.error({ err: error }, 'activity not trimmed'))
  return {
    service,
    handlers: activityHandlers(service, () => services.clock.now()),
    start: async () => {
      await trimAndLog()
      timer = setInterval(trimAndLog, TRIM_EVERY_MS)
      timer.unref()
    },
    stop: async () => clearInterval(timer),
  }
}
