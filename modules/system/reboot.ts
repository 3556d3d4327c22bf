// system.reboot: restarts the host. The connection going away is what success looks like.

import { field, module, sh } from '@omserver/core'
import { z } from 'zod'

export const systemReboot = module({
  name: 'system.reboot',
  title: { zh: '重启主机', en: 'Reboot' },
  summary: {
    zh: '重启主机；执行前须输入主机台数确认',
    en: 'Reboot hosts; the number of hosts must be typed first',
  },
  category: 'system',
  dangerous: {
    zh: '主机将立即重启，其上的所有服务都会中断。',
    en: 'The hosts restart at once; everything on them is interrupted.',
  },
  params: z.object({
    confirm: z.literal(true).meta(
      field({
        title: { zh: '我确认要重启这些主机', en: 'I mean to reboot these hosts' },
        kind: 'checkbox',
      }),
    ),
    message: z
      .string()
      .max(200)
      .default('Rebooted by OMServer')
      .meta(field({ title: { zh: '给已登录用户的通知', en: 'Message to logged-in users' } })),
  }),
  // Alpine has no shutdown. It stands in sbin, where accounts other than root do not look.
  action: ({ message }) =>
    sh.with({
      endsBy: 'disconnect',
    })`PATH=$PATH:/usr/sbin:/sbin; if command -v shutdown >/dev/null; then shutdown -r -- now ${message}; else reboot; fi`,
  // A reboot that is planned already is told too.
  check: () =>
    sh`uptime && who && for f in /run/systemd/shutdown/scheduled; do if [ -r "$f" ]; then cat "$f"; fi; done`,
})
