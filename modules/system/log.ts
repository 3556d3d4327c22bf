// system.log: the end of the system log.

import { field, module, raw, sh } from '@omserver/core'
import { z } from 'zod'
import { lineCount } from '../line-count.ts'

// An account that may not read the journal gets nothing, and no error: that would look like an empty log.
const journal =
  '[ -n "$(journalctl --no-pager -q -n 1)" ] || { echo \'no /var/log/messages, /var/log/syslog or journal that this account can read\' >&2; exit 1; }'

export const systemLog = module({
  name: 'system.log',
  title: { zh: '查看系统日志', en: 'System log' },
  summary: {
    zh: '查看系统日志的最后若干行，可按关键字过滤',
    en: 'The last lines of the system log, filtered by a word if given',
  },
  category: 'system',
  idempotent: true,
  params: z.object({
    lines: lineCount(50),
    contains: z
      .string()
      .max(200)
      .optional()
      .meta(
        field({
          title: { zh: '包含文字', en: 'Containing' },
          help: {
            zh: '只显示含有这段文字的行，不区分大小写',
            en: 'Only lines with this text, in any case',
          },
          placeholder: 'error',
        }),
      ),
  }),
  // syslog files first: on hosts that keep both, they reach further back than a volatile journal.
  action: ({ lines, contains }) =>
    contains
      ? // A log that a power cut left zeros in, or with text in GBK, would be "binary" to grep, and not shown.
        sh`for f in /var/log/messages /var/log/syslog; do if [ -r "$f" ]; then tr -d '\000' < "$f" | LC_ALL=C grep -iF -e ${contains} | tail -n ${lines}; exit 0; fi; done; ${raw(journal)}; journalctl --no-pager -q | LC_ALL=C grep -iF -e ${contains} | tail -n ${lines}`
      : sh`for f in /var/log/messages /var/log/syslog; do if [ -r "$f" ]; then exec tail -n ${lines} -- "$f"; fi; done; ${raw(journal)}; exec journalctl --no-pager -q -n ${lines}`,
  needs: {
    zh: '需能读取 /var/log/messages、/var/log/syslog 或 journalctl（通常要 root 或 adm 组）',
    en: 'Needs to read /var/log/messages, /var/log/syslog or the journal (root or group adm)',
  },
})
