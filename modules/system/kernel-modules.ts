// system.modules: kernel modules that are loaded.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const kernelModules = module({
  name: 'system.modules',
  title: { zh: '内核模块', en: 'Kernel modules' },
  summary: { zh: '已加载的内核模块', en: 'Kernel modules that are loaded' },
  category: 'system',
  idempotent: true,
  params: z.object({}),
  // /proc/modules rather than lsmod, which kmod-less images lack; sorted, since the order of loading differs.
  // A kernel that was built without modules has no such file, and none loaded.
  action: () => sh`echo 'module size used_by'
if [ -e /proc/modules ]; then awk '{ sub(/,$/, "", $4); print $1, $2, $4 }' /proc/modules | LC_ALL=C sort; fi`,
  table: {
    columns: [
      { key: 'module', title: { zh: '模块', en: 'Module' }, type: 'text' },
      { key: 'size', title: { zh: '大小', en: 'Size' }, type: 'bytes' },
      { key: 'usedBy', title: { zh: '被谁使用', en: 'Used by' }, type: 'text' },
    ],
    rows: { by: 'split', skip: 1 },
  },
})
