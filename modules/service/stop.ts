// service.stop: stop a service, and make sure that it does not run.

import { module } from '@omserver/core'
import { z } from 'zod'
import { unitName } from '../unit-name.ts'
import { statusCommand } from './status.ts'
import { tellUnit } from './tell-unit.ts'

export const serviceStop = module({
  name: 'service.stop',
  title: { zh: '停止服务', en: 'Stop a service' },
  summary: {
    zh: '停止一个服务并确认它已停止',
    en: 'Stop a service and make sure that it does not run',
  },
  category: 'service',
  dangerous: {
    zh: '服务停止后不会自动恢复；停止 sshd 或网络服务后，主机将无法再连接。',
    en: 'The service stays down until someone starts it. Without sshd or the network the host can no longer be reached.',
  },
  params: z.object({ service: unitName }),
  // Why it failed is told with PIDs and times.
  mask: ['self', 'time', 'pid'],
  action: ({ service }) => tellUnit('stop', service),
  check: ({ service }) => statusCommand(service),
  needs: { zh: '通常需要 root 或 sudo', en: 'Usually needs root or sudo' },
})
