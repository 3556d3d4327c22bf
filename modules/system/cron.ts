// cron.list: every scheduled line of a host, with the file or user it belongs to.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const cronList = module({
  name: 'cron.list',
  title: { zh: '定时任务', en: 'Cron jobs' },
  summary: { zh: '系统与各用户的 cron 任务', en: 'Cron jobs of the system and of every user' },
  category: 'system',
  idempotent: true,
  params: z.object({}),
  // Debian keeps users' tables in crontabs/, SUSE in tabs/, the RHEL family right in cron/. What package managers
  // and editors leave behind in cron.d is read by no cron.
  action:
    () => sh`for f in /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/* /var/spool/cron/tabs/* /var/spool/cron/*; do
  case $f in *'~'|*.rpmsave|*.rpmorig|*.rpmnew|*.dpkg-*) continue ;; esac
  if [ -f "$f" ] && [ -r "$f" ]; then awk '!/^[ \t]*(#|$)/ && !/^[ \t]*[A-Za-z_][A-Za-z0-9_]*[ \t]*=/ { print FILENAME "\t" $0 }' "$f"; fi
done`,
  table: {
    columns: [
      { key: 'file', title: { zh: '文件', en: 'File' }, type: 'text' },
      { key: 'line', title: { zh: '任务', en: 'Job' }, type: 'text' },
    ],
    rows: { by: 'split', at: '\t' },
  },
  needs: { zh: '查看他人的 cron 需要 root', en: 'Other users’ tables need root' },
})
