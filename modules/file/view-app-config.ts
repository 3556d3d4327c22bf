// app.config: the configuration of an application as it stands on each host. Differences show as clusters.

import { field, module, sh } from '@omserver/core'
import { z } from 'zod'
import { absolutePath, pathFormat } from './file-params.ts'

// Debian's place first, then the RHEL family's, then Alpine's: the first that exists is shown.
const places = {
  nginx: ['/etc/nginx/nginx.conf', '/usr/local/nginx/conf/nginx.conf'],
  apache: ['/etc/apache2/apache2.conf', '/etc/httpd/conf/httpd.conf', '/etc/apache2/httpd.conf'],
  mysql: ['/etc/mysql/my.cnf', '/etc/my.cnf'],
  redis: ['/etc/redis/redis.conf', '/etc/redis.conf'],
  haproxy: ['/etc/haproxy/haproxy.cfg'],
  keepalived: ['/etc/keepalived/keepalived.conf'],
  sshd: ['/etc/ssh/sshd_config'],
} as const
const apps = [
  'nginx',
  'apache',
  'mysql',
  'redis',
  'haproxy',
  'keepalived',
  'sshd',
  'other',
] as const

export const viewAppConfig = module({
  name: 'app.config',
  title: { zh: '查看应用配置', en: 'View an application’s configuration' },
  summary: {
    zh: '显示应用配置文件；各主机的差异会自动归组',
    en: 'Show a configuration file; hosts that differ stand out as clusters',
  },
  category: 'file',
  idempotent: true,
  params: z.object({
    app: z.enum(apps).meta(
      field({
        title: { zh: '应用', en: 'Application' },
        choices: { other: { zh: '其他（填写路径）', en: 'Other (give the path)' } },
      }),
    ),
    path: absolutePath.optional().meta(
      field({
        title: { zh: '配置文件路径', en: 'Path of the file' },
        when: { field: 'app', in: ['other'] },
        required: true,
        placeholder: '/etc/hosts',
        format: pathFormat,
      }),
    ),
    comments: z
      .boolean()
      .default(false)
      .meta(field({ title: { zh: '包含注释与空行', en: 'With comments and empty lines' } })),
  }),
  action: ({ app, path, comments }) => {
    const files = app === 'other' ? [path ?? ''] : places[app]
    // In LC_ALL=C, because text in GBK would be "binary" in a UTF-8 locale, and not shown. 1 of grep is no line,
    // 2 is trouble (a folder).
    return comments
      ? sh`for f in ${files}; do if [ -e "$f" ]; then exec cat -- "$f"; fi; done; echo "none of these files exists:" ${files} >&2; exit 1`
      : sh`for f in ${files}; do if [ -e "$f" ]; then LC_ALL=C grep -Ev '^[[:space:]]*([#;]|$)' -- "$f"; [ $? -le 1 ]; exit; fi; done; echo "none of these files exists:" ${files} >&2; exit 1`
  },
})
