// service.status: whether a service runs, since when, and whether it comes back after a reboot.

import { type AnswerMask, module, type ShellAction, sh } from '@omserver/core'
import { z } from 'zod'
import { unitName } from '../unit-name.ts'

/** Since when, and as which process, differs from host to host; whether, does not. */
const statusMask: readonly AnswerMask[] = ['self', 'time', 'pid']

// Without systemd the init script's exit code is the answer (LSB): 0 runs, 3 stopped, 1 and 2 dead with traces
// left; OpenRC says 32 for crashed. A stopped service is an answer too, as it is with systemd. What the script
// said stands below, where no column reads it.
export const statusCommand = (service: string): ShellAction =>
  sh`if [ -d /run/systemd/system ]; then
  systemctl show ${service} -p LoadState -p ActiveState -p SubState -p UnitFileState -p MainPID -p ActiveEnterTimestamp
else
  PATH=$PATH:/usr/sbin:/sbin
  command -v service >/dev/null || { echo 'this host has neither systemd nor the command service' >&2; exit 127; }
  said=$(service ${service} status 2>&1)
  code=$? load=loaded boot=disabled end=0
  for f in /etc/rc[2-5].d/S[0-9][0-9]${service} /etc/runlevels/default/${service}; do if [ -e "$f" ]; then boot=enabled; fi; done
  case $code in
    0) state=active sub=running ;;
    3) state=inactive sub=stopped ;;
    1|2|32) state=failed sub=dead ;;
    *) state=unknown sub=unknown end=$code ;;
  esac
  if [ "$code" != 0 ] && [ ! -e /etc/init.d/${service} ] && [ ! -e /etc/init/${service}.conf ]; then load=not-found state=inactive sub=dead boot='' end=0; fi
  printf 'LoadState=%s\nActiveState=%s\nSubState=%s\nUnitFileState=%s\n%s\n' "$load" "$state" "$sub" "$boot" "$said"
  exit "$end"
fi`

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
  mask: statusMask,
  action: ({ service }) => statusCommand(service),
  table: {
    columns: [
      { key: 'LoadState', title: { zh: '加载状态', en: 'Loaded' }, type: 'text' },
      { key: 'ActiveState', title: { zh: '运行状态', en: 'State' }, type: 'text' },
      { key: 'SubState', title: { zh: '子状态', en: 'Sub-state' }, type: 'text' },
      { key: 'UnitFileState', title: { zh: '开机自启', en: 'At boot' }, type: 'text' },
      { key: 'MainPID', title: { zh: '主进程 PID', en: 'Main PID' }, type: 'number' },
      { key: 'ActiveEnterTimestamp', title: { zh: '启动时间', en: 'Since' }, type: 'text' },
    ],
    rows: { by: 'keyValue', at: '=' },
  },
})
