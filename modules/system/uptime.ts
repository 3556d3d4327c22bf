// system.uptime: how long a host has been up, and how busy it is.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const systemUptime = module({
  name: 'system.uptime',
  title: { zh: '运行时长', en: 'Uptime' },
  summary: { zh: '运行时长、登录用户数与负载', en: 'Time since boot, users and load' },
  category: 'system',
  idempotent: true,
  params: z.object({}),
  mask: ['self', 'time', 'number'],
  action: () => sh`LC_ALL=C uptime`,
  table: {
    columns: [
      { key: 'up', title: { zh: '运行时长', en: 'Up' }, type: 'text' },
      { key: 'users', title: { zh: '用户数', en: 'Users' }, type: 'number' },
      { key: 'load1', title: { zh: '1 分钟负载', en: 'Load 1 min' }, type: 'number' },
      { key: 'load5', title: { zh: '5 分钟负载', en: 'Load 5 min' }, type: 'number' },
      { key: 'load15', title: { zh: '15 分钟负载', en: 'Load 15 min' }, type: 'number' },
    ],
    rows: {
      by: 'match',
      pattern:
        '\\bup\\s+(?<up>.+?),\\s+(?:(?<users>\\d+)\\s+users?,\\s+)?load average:\\s+(?<load1>[\\d.]+),\\s+(?<load5>[\\d.]+),\\s+(?<load15>[\\d.]+)',
    },
  },
})
