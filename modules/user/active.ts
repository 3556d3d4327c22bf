// user.active: who is logged in now.

import { module, sh } from '@omserver/core'
import { z } from 'zod'

export const userActive = module({
  name: 'user.active',
  title: { zh: '在线用户', en: 'Logged-in users' },
  summary: { zh: '当前登录的用户及来源', en: 'Who is logged in now, and from where' },
  category: 'user',
  idempotent: true,
  params: z.object({}),
  action: () => sh`LC_ALL=C who`,
  table: {
    columns: [
      { key: 'user', title: { zh: '用户', en: 'User' }, type: 'text' },
      { key: 'tty', title: { zh: '终端', en: 'TTY' }, type: 'text' },
      { key: 'since', title: { zh: '登录时间', en: 'Since' }, type: 'text' },
      { key: 'from', title: { zh: '来源', en: 'From' }, type: 'text' },
    ],
    rows: {
      by: 'match',
      pattern:
        '^(?<user>\\S+)\\s+(?<tty>\\S+)\\s+(?<since>(?:\\d{4}-\\d\\d-\\d\\d|[A-Z][a-z]{2}\\s+\\d+)\\s+\\d\\d:\\d\\d)(?:\\s+\\((?<from>.*)\\)\\s*$)?',
    },
  },
})
