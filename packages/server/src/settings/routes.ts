// Routes of the settings and of the server's health.

import { settingsRoutes } from '@omserver/api'
import { type Lang, Problem } from '@omserver/core'
import { type Handler, handle } from '../http/index.ts'
import type { HealthCheck } from './health.ts'
import type { SettingsService } from './service.ts'

export const settingsHandlers = (
  service: SettingsService,
  health: () => HealthCheck,
  version: string,
): Handler[] => [
  handle(settingsRoutes.read, () => service.read()),
  handle(settingsRoutes.change, ({ actor, body }) => service.change(actor, body)),
  handle(settingsRoutes.health, async ({ request }) => {
    const findings = await health().findings()
    const stopping = findings.filter(({ stops }) => stops).map(({ text }) => text)
    if (stopping.length > 0) {
      throw new Problem('NOT_READY', {
        problems: {
          zh: stopping.map(({ zh }) => zh).join(' '),
          en: stopping.map(({ en }) => en).join(' '),
        },
      })
    }
    const lang: Lang = request.headers['accept-language']?.startsWith('zh') ? 'zh' : 'en'
    return {
      status: findings.length === 0 ? ('ok' as const) : ('degraded' as const),
      version,
      problems: findings.map(({ text }) => text[lang]),
    }
  }),
]
