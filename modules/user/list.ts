// user.list: the accounts of a host.

import { field, module, raw, sh } from '@omserver/core'
import { z } from 'zod'

// Accounts of a directory too, where the host can ask for them (busybox has no getent).
const accounts =
  'if command -v getent >/dev/null 2>&1; then getent passwd; else cat /etc/passwd; fi'

export const userList = module({
  name: 'user.list',
  title: { zh: '系统用户', en: 'Users' },
  summary: { zh: '主机上的账号', en: 'The accounts of a host' },
  category: 'user',
  idempotent: true,
  params: z.object({
    people: z
      .boolean()
      .default(false)
      .meta(field({ title: { zh: '仅可登录的账号', en: 'Only accounts that can log in' } })),
  }),
  action: ({ people }) =>
    people
      ? sh`${raw(accounts)} | awk -F: '$7 !~ /(nologin|false|sync|shutdown|halt)$/' | LC_ALL=C sort -t: -k3n`
      : sh`${raw(accounts)} | LC_ALL=C sort -t: -k3n`,
  table: {
    columns: [
      { key: 'name', title: { zh: '用户', en: 'User' }, type: 'text' },
      { key: 'password', title: { zh: '密码', en: 'Password' }, type: 'text' },
      { key: 'uid', title: { zh: 'UID', en: 'UID' }, type: 'number' },
      { key: 'gid', title: { zh: 'GID', en: 'GID' }, type: 'number' },
      { key: 'comment', title: { zh: '说明', en: 'Comment' }, type: 'text' },
      { key: 'home', title: { zh: '家目录', en: 'Home' }, type: 'text' },
      { key: 'shell', title: { zh: '登录 Shell', en: 'Shell' }, type: 'text' },
    ],
    rows: { by: 'split', at: ':' },
  },
})
