// system.load: load averages beside the number of CPUs, without which they mean little.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const systemLoad = module({
  name: 'system.load',
  title: { zh: '系统负载', en: 'Load' },
  summary: { zh: '负载均值与 CPU 核数', en: 'Load averages and number of CPUs' },
  category: 'system',
  idempotent: true,
  params: z.object({}),
  mask: ['self', 'number'],
  action: () => sh`read -r one five fifteen procs rest < /proc/loadavg
printf 'load1=%s\nload5=%s\nload15=%s\ncpus=%s\nprocesses=%s\n' "$one" "$five" "$fifteen" "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)" "$procs"`,
  table: {
    columns: [
      { key: 'load1', title: { zh: '1 分钟', en: '1 min' }, type: 'number' },
      { key: 'load5', title: { zh: '5 分钟', en: '5 min' }, type: 'number' },
      { key: 'load15', title: { zh: '15 分钟', en: '15 min' }, type: 'number' },
      { key: 'cpus', title: { zh: 'CPU 核数', en: 'CPUs' }, type: 'number' },
      { key: 'processes', title: { zh: '运行/总进程', en: 'Running/all' }, type: 'text' },
    ],
    rows: { by: 'keyValue', at: '=' },
  },
})
