// The commands about clients of IDCs: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

export const describeClients = (om: Command): void => {
  const load = () => import('./commands/clients.ts')
  const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })
  const clients = om.command('clients').description(
    say({
      zh: '机房客户端：谁可以不经服务端在机房内发起执行',
      en: 'who may begin runs in an IDC without the server',
    }),
  )
  clients
    .command('list', { isDefault: true })
    .description(
      say({
        zh: '已允许的客户端，以及各机房授权快照的状态',
        en: 'clients that are allowed, and what the controllers of each IDC were told',
      }),
    )
    .option('--json', json())
    .action(async (options) => (await load()).list(options))
  clients
    .command('allow <user>')
    .description(
      say({
        zh: '允许：该机房主机的登录凭据从此加密存放在那里',
        en: 'allow one: from then on the logins of the hosts of the IDC are kept there, encrypted',
      }),
    )
    .requiredOption('--idc <name>', say({ zh: '机房', en: 'IDC' }))
    .option(
      '--client <name>',
      say({
        zh: '证书中的名称（om pki issue 目录 client 名称），默认同用户名',
        en: 'the name in its certificate (om pki issue DIR client NAME), that of the user when absent',
      }),
    )
    .option('--json', json())
    .action(async (user, options) => (await load()).allow(user, options))
  clients
    .command('deny <client>')
    .description(say({ zh: '不再允许', en: 'allow it no more' }))
    .requiredOption('--idc <name>', say({ zh: '机房', en: 'IDC' }))
    .option('--json', json())
    .action(async (client, options) => (await load()).deny(client, options))
}
