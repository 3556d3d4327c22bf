// service.stop: stop a service.

import { module, sh } from '@omserver/core'
import { z } from 'zod'
import { unitName } from '../unit-name.ts'
import { statusCommand } from './status.ts'

export const serviceStop = module({
  name: 'service.stop',
  title: { zh: '停止服务', en: 'Stop a service' },
  summary: { zh: '停止一个服务', en: 'Stop a service' },
  category: 'service',
  dangerous: {
    zh: '服务停止后不会自动恢复。',
    en: 'The service stays down until someone starts it.',
  },
  params: z.object({ service: unitName }),
  action: ({ service }) =>
    sh`if [ -d /run/systemd/system ]; then systemctl stop ${service}; else service ${service} stop; fi`,
  check: ({ service }) => statusCommand(service),
  needs: { zh: '通常需要 root 或 sudo', en: 'Usually needs root or sudo' },
})
