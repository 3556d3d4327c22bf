// system.disk: how full the file systems are.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const systemDisk = module({
  name: 'system.disk',
  title: { zh: '磁盘使用', en: 'Disk usage' },
  summary: { zh: '各文件系统的容量与使用率', en: 'Size and use of each file system' },
  category: 'system',
  idempotent: true,
  params: z.object({}),
  mask: ['self', 'number'],
  action: () => sh`echo 'filesystem type size used free use mount'
df -PTk 2>/dev/null | awk 'NR > 1 && $2 !~ /^(tmpfs|devtmpfs|overlay|squashfs|efivarfs)$/ { printf "%s %s %sK %sK %sK %s", $1, $2, $3, $4, $5, $6; for (i = 7; i <= NF; i++) printf " %s", $i; print "" }'`,
  table: {
    columns: [
      { key: 'filesystem', title: { zh: '文件系统', en: 'File system' }, type: 'text' },
      { key: 'type', title: { zh: '类型', en: 'Type' }, type: 'text' },
      { key: 'size', title: { zh: '容量', en: 'Size' }, type: 'bytes' },
      { key: 'used', title: { zh: '已用', en: 'Used' }, type: 'bytes' },
      { key: 'free', title: { zh: '可用', en: 'Free' }, type: 'bytes' },
      { key: 'use', title: { zh: '使用率', en: 'Use' }, type: 'percent' },
      { key: 'mount', title: { zh: '挂载点', en: 'Mounted on' }, type: 'text' },
    ],
    rows: { by: 'split', skip: 1 },
  },
})
