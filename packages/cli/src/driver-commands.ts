// The tree of `om drivers`: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })
const idc = () =>
  say({
    zh: '只用于这个机房的主机；不给则用于没有专属接入点的机房',
    en: 'for hosts of this IDC alone; without it, for every IDC that has none of its own',
  })

export const describeDrivers = (om: Command): void => {
  const drivers = om.command('drivers').description(
    say({
      zh: '执行通道接入点（Salt、Func）：列出、登记、删除',
      en: 'list, add, delete endpoints of drivers (Salt, Func)',
    }),
  )
  const load = () => import('./commands/drivers.ts')
  drivers
    .command('list')
    .option('--json', json())
    .action(async (o) => (await load()).list(o))
  drivers
    .command('show <name>')
    .option('--json', json())
    .action(async (n, o) => (await load()).show(n, o))
  const add = drivers.command('add').description(say({ zh: '登记接入点', en: 'add an endpoint' }))
  add
    .command('salt <name>')
    .description(say({ zh: '登记 salt-api', en: 'add a salt-api' }))
    .requiredOption('--url <https://…>', say({ zh: 'salt-api 地址', en: 'address of salt-api' }))
    .requiredOption('--user <user>', say({ zh: '账号', en: 'account' }))
    .option(
      '--password-stdin',
      say({ zh: '从标准输入读取密码', en: 'read the password from standard input' }),
    )
    .option(
      '--eauth <name>',
      say({ zh: '认证方式（默认 pam）', en: 'external auth (default pam)' }),
    )
    .option(
      '--ca <file>',
      say({
        zh: '签发 salt-api 证书的 CA（PEM）；不给则按系统信任的 CA 核对',
        en: 'CA of its certificate (PEM); without it, those that the system trusts',
      }),
    )
    .option('--idc <idc>', idc())
    .option('--json', json())
    .action(async (n, o) => (await load()).addSalt(n, o))
  add
    .command('func <name>')
    .description(say({ zh: '登记 Func', en: 'add a site of Func' }))
    .requiredOption(
      '--ca <file>',
      say({ zh: 'certmaster 的 CA（PEM）', en: 'CA of certmaster (PEM)' }),
    )
    .requiredOption('--cert <file>', say({ zh: '客户端证书（PEM）', en: 'our certificate (PEM)' }))
    .requiredOption('--key <file>', say({ zh: '客户端私钥（PEM）', en: 'its private key (PEM)' }))
    .option(
      '--port <n>',
      say({ zh: 'funcd 端口（默认 51234）', en: 'port of funcd (default 51234)' }),
    )
    .option(
      '--legacy-tls',
      say({
        zh: '接受旧 certmaster 的 SHA-1、MD5 签名',
        en: 'take signatures by SHA-1 and MD5, of old certmasters',
      }),
    )
    .option(
      '--transmit <overlord>',
      say({
        zh: '改为在这台主机上调用 func-transmit（funcd 只支持 SSLv3 时）',
        en: 'call func-transmit on this host instead (where funcd speaks SSLv3 only)',
      }),
    )
    .option('--idc <idc>', idc())
    .option('--json', json())
    .action(async (n, o) => (await load()).addFunc(n, o))
  drivers
    .command('rm <name>')
    .option('--json', json())
    .action(async (n, o) => (await load()).remove(n, o))
}
