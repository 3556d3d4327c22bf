// system.memory: memory and swap, the same figures on every kernel.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const systemMemory = module({
  name: 'system.memory',
  title: { zh: '内存使用', en: 'Memory' },
  summary: { zh: '内存与交换分区的总量和可用量', en: 'Memory and swap: total, used, available' },
  category: 'system',
  idempotent: true,
  params: z.object({}),
  mask: ['self', 'number'],
  // Kernels before 3.14 (CentOS 6) have no MemAvailable: free + buffers + cached is what free(1) showed then.
  // Not %d: the mawk of Debian 10 ends at 2 TiB.
  action: () =>
    sh`awk '{ sub(":", "", $1); m[$1] = $2 } END { a = ("MemAvailable" in m) ? m["MemAvailable"] : m["MemFree"] + m["Buffers"] + m["Cached"]; printf "total=%.0fK\nused=%.0fK\navailable=%.0fK\nuse=%d%%\nswapTotal=%.0fK\nswapUsed=%.0fK\n", m["MemTotal"], m["MemTotal"] - a, a, (m["MemTotal"] ? (m["MemTotal"] - a) * 100 / m["MemTotal"] : 0), m["SwapTotal"], m["SwapTotal"] - m["SwapFree"] }' /proc/meminfo`,
  table: {
    columns: [
      { key: 'total', title: { zh: '总量', en: 'Total' }, type: 'bytes' },
      { key: 'used', title: { zh: '已用', en: 'Used' }, type: 'bytes' },
      { key: 'available', title: { zh: '可用', en: 'Available' }, type: 'bytes' },
      { key: 'use', title: { zh: '使用率', en: 'Use' }, type: 'percent' },
      { key: 'swapTotal', title: { zh: 'Swap 总量', en: 'Swap' }, type: 'bytes' },
      { key: 'swapUsed', title: { zh: 'Swap 已用', en: 'Swap used' }, type: 'bytes' },
    ],
    rows: { by: 'keyValue', at: '=' },
  },
})
