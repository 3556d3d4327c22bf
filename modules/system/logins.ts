// system.logins: who logged in lately, from where.

import { module, sh } from '@omserver/core'
import { z } from 'zod'
import { lineCount } from '../line-count.ts'

const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'

export const systemLogins = module({
  name: 'system.logins',
  title: { zh: '最近登录', en: 'Latest logins' },
  summary: { zh: '最近的登录与重启记录', en: 'The latest logins and boots' },
  category: 'system',
  idempotent: true,
  params: z.object({ lines: lineCount(20) }),
  // Debian 13 and others that left wtmp behind have wtmpdb, which prints the same.
  action: ({ lines }) =>
    sh`if command -v last >/dev/null 2>&1 || ! command -v wtmpdb >/dev/null 2>&1; then LC_ALL=C last -w -n ${lines}; else LC_ALL=C wtmpdb last -n ${lines}; fi`,
  table: {
    columns: [
      { key: 'user', title: { zh: '用户', en: 'User' }, type: 'text' },
      { key: 'tty', title: { zh: '终端', en: 'TTY' }, type: 'text' },
      { key: 'from', title: { zh: '来源', en: 'From' }, type: 'text' },
      { key: 'when', title: { zh: '时间', en: 'When' }, type: 'text' },
    ],
    rows: {
      by: 'match',
      pattern: `^(?!wtmp begins)(?<user>\\S+)\\s+(?<tty>system boot|\\S+)\\s+(?:(?<from>(?!${day}\\s)\\S+)\\s+)?(?<when>${day}\\s.+)$`,
    },
  },
})
