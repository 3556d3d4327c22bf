// system.release: which operating system and kernel a host runs.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const systemRelease = module({
  name: 'system.release',
  title: { zh: '系统版本', en: 'OS version' },
  summary: { zh: '操作系统版本、内核与架构', en: 'Operating system, kernel and architecture' },
  category: 'system',
  idempotent: true,
  params: z.object({}),
  // CentOS 6 has no os-release; a `.` of a missing file would end a POSIX shell. That of CentOS 7 and 8 does not
  // say which minor release it is.
  action: () => sh`if [ -r /etc/os-release ]; then . /etc/os-release; fi
case $ID$VERSION_ID in ''|centos[78]) if [ -r /etc/redhat-release ]; then PRETTY_NAME=$(cat /etc/redhat-release); fi ;; esac
printf 'os=%s\nkernel=%s\narch=%s\n' "\${PRETTY_NAME:-$(uname -s)}" "$(uname -r)" "$(uname -m)"`,
  table: {
    columns: [
      { key: 'os', title: { zh: '操作系统', en: 'OS' }, type: 'text' },
      { key: 'kernel', title: { zh: '内核', en: 'Kernel' }, type: 'text' },
      { key: 'arch', title: { zh: '架构', en: 'Architecture' }, type: 'text' },
    ],
    rows: { by: 'keyValue', at: '=' },
  },
})
