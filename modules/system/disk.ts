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
  // One mount that cannot be read (stale NFS) makes df fail beside good lines. Names of devices may have spaces:
  // the percentage behind three numbers is what the columns are counted from.
  action: () => sh`out=$(LC_ALL=C df -PTk 2>/dev/null) || [ -n "$out" ] || { df -PTk; exit 1; }
echo 'filesystem type size used free use mount'
printf '%s\n' "$out" | awk 'NR > 1 { for (u = 6; u <= NF; u++) if ($u ~ /^([0-9]+%|-)$/ && $(u-1) $(u-2) $(u-3) ~ /^[0-9-]+$/) break
if (u >= NF || $(u-4) ~ /^(tmpfs|devtmpfs|overlay|squashfs|efivarfs)$/) next
d = $1; for (i = 2; i < u-4; i++) d = d "\\040" $i
printf "%s %s %sK %sK %sK %s", d, $(u-4), $(u-3), $(u-2), $(u-1), $u; for (i = u+1; i <= NF; i++) printf " %s", $i; print "" }'`,
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
