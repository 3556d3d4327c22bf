// service.status: whether a service runs, since when, and whether it comes back after a reboot.

import { module, type ShellAction, sh } from '@omserver/core'
import { z } from 'zod'
import { unitName } from '../unit-name.ts'

export const statusCommand = (service: string): ShellAction =>
  sh`if [ -d /run/systemd/system ]; then
  systemctl show ${service} -p LoadState -p ActiveState -p SubState -p UnitFileState -p MainPID -p ActiveEnterTimestamp
else service ${service} status; fi`

export const serviceStatus = module({
  name: 'service.status',
  title: { zh: '服务状态', en: 'Service status' },
  summary: {
    zh: '服务是否在运行、何时启动、是否开机自启',
    en: 'Whether a service runs, since when, and whether it starts at boot',
  },
  category: 'service',
  idempotent: true,
  params: z.object({ service: unitName }),
  mask: ['self', 'time', 'pid'],
  action: ({ service }) => statusCommand(service),
  table: {
    columns: [
      { key: 'LoadState', title: { zh: '载入', en: 'Loaded' }, type: 'text' },
      { key: 'ActiveState', title: { zh: '状态', en: 'State' }, type: 'text' },
      { key: 'SubState', title: { zh: '子状态', en: 'Sub-state' }, type: 'text' },
      { key: 'UnitFileState', title: { zh: '开机自启', en: 'At boot' }, type: 'text' },
      { key: 'MainPID', title: { zh: '主进程', en: 'Main PID' }, type: 'number' },
      { key: 'ActiveEnterTimestamp', title: { zh: '启动于', en: 'Since' }, type: 'text' },
    ],
    rows: { by: 'keyValue', at: '=' },
  },
})
