// network.ports: what listens, and where.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const networkPorts = module({
  name: 'network.ports',
  title: { zh: '监听端口', en: 'Listening ports' },
  summary: {
    zh: '正在监听的 TCP 与 UDP 端口及其进程',
    en: 'TCP and UDP ports that are listened on, and by whom',
  },
  category: 'network',
  idempotent: true,
  params: z.object({}),
  mask: ['self', 'pid'],
  // Without the queue lengths, which differ from moment to moment; sorted as bytes, so that equal hosts answer equally whatever their locale.
  // RHEL keeps ss where accounts other than root do not look. Read first: a pipe would hide that it is not there.
  action: () => sh`PATH=$PATH:/usr/sbin:/sbin
out=$(LC_ALL=C ss -lntup) || exit
echo 'protocol local peer process'
printf '%s\n' "$out" | awk 'NR > 1 { printf "%s %s %s", $1, $5, $6; if (NF > 6) for (i = 7; i <= NF; i++) printf " %s", $i; else printf " -"; print "" }' | LC_ALL=C sort -u`,
  table: {
    columns: [
      { key: 'protocol', title: { zh: '协议', en: 'Protocol' }, type: 'text' },
      { key: 'local', title: { zh: '监听地址', en: 'Listens on' }, type: 'text' },
      { key: 'peer', title: { zh: '对端', en: 'Peer' }, type: 'text' },
      { key: 'process', title: { zh: '进程', en: 'Process' }, type: 'text' },
    ],
    rows: { by: 'split', skip: 1 },
  },
  needs: {
    zh: '需要 iproute2 的 ss；进程名需要 root',
    en: 'Needs ss of iproute2; names of processes need root',
  },
})
