// service.reload: make a service read its configuration again without dropping connections.

import { module } from '@omserver/core'
import { z } from 'zod'
import { unitName } from '../unit-name.ts'
import { statusCommand } from './status.ts'
import { tellUnit } from './tell-unit.ts'

export const serviceReload = module({
  name: 'service.reload',
  title: { zh: '重载配置', en: 'Reload a configuration' },
  summary: {
    zh: '让服务重新读取配置，不中断连接',
    en: 'Make a service read its configuration again without dropping connections',
  },
  category: 'service',
  params: z.object({ service: unitName }),
  // Why it failed is told with PIDs and times.
  mask: ['self', 'time', 'pid'],
  action: ({ service }) => tellUnit('reload', service),
  check: ({ service }) => statusCommand(service),
  needs: {
    zh: '通常需要 root 或 sudo；服务须支持重载',
    en: 'Usually needs root or sudo; the service must know how to reload',
  },
})
