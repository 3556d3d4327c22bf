// The options of `om up` and `om server`: where a server keeps its data and listens.

import type { Command } from 'commander'
import { say } from './lang.ts'

export const listening = (command: Command): Command =>
  command
    .option('--data <dir>', say({ zh: '数据目录', en: 'data folder' }))
    .option(
      '--database <url>',
      say({
        zh: '数据库地址，密码写在 OM_DATABASE_URL 中（默认为数据目录中的文件）',
        en: 'where the database is, a password only in OM_DATABASE_URL (default: in the data folder)',
      }),
    )
    .option('--port <n>', say({ zh: '端口（默认 8640）', en: 'port (default 8640)' }))
    .option(
      '--host <addr>',
      say({ zh: '监听地址（默认 127.0.0.1）', en: 'address to listen on (default 127.0.0.1)' }),
    )
    .option(
      '--tls',
      say({
        zh: '启用 HTTPS（没有证书时自签）',
        en: 'HTTPS, with a self-made certificate unless one is given',
      }),
    )
    .option('--tls-cert <file>', say({ zh: '证书文件（PEM）', en: 'certificate file (PEM)' }))
    .option('--tls-key <file>', say({ zh: '私钥文件（PEM）', en: 'private key file (PEM)' }))
    .option(
      '--allow-http',
      say({ zh: '允许在非回环地址上使用明文 HTTP', en: 'allow plain HTTP beyond loopback' }),
    )
    .option(
      '--modules <dir>',
      say({ zh: '自有任务模块目录（OM_MODULES）', en: 'folder of your own modules (OM_MODULES)' }),
    )
