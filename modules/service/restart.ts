// service.restart: restart a service and make sure that it runs, or has done its work.

import { module } from '@omserver/core'
import { z } from 'zod'
import { unitName } from '../unit-name.ts'
import { statusCommand } from './status.ts'
import { tellUnit } from './tell-unit.ts'

export const serviceRestart = module({
  name: 'service.restart',
  title: { zh: '重启服务', en: 'Restart a service' },
  summary: {
    zh: '重启一个服务并确认它已在运行',
    en: 'Restart a service and make sure that it runs',
  },
  category: 'service',
  params: z.object({ service: unitName }),
  // Why it failed is told with PIDs and times.
  mask: ['self', 'time', 'pid'],
  action: ({ service }) => tellUnit('restart', service),
  check: ({ service }) => statusCommand(service),
  needs: { zh: '通常需要 root 或 sudo', en: 'Usually needs root or sudo' },
})
