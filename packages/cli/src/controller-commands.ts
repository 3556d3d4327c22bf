// The commands about controllers: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

const withNats = (command: Command): Command =>
  command
    .option(
      '--pki <dir>',
      say({
        zh: 'om pki issue 写出的身份目录，或 CA 目录',
        en: 'folder of an identity that om pki issue wrote, or the folder of the CA',
      }),
    )
    .option(
      '--nats <url>',
      say({
        zh: 'nats-server 地址，可用逗号分隔多个（OM_NATS_URL）',
        en: 'where nats-server is, several with commas (OM_NATS_URL)',
      }),
    )
    .option(
      '--nats-plain',
      say({
        zh: '不用证书连接其他机器上的 nats-server（网络本身可信时）',
        en: 'no certificates to a nats-server elsewhere, where the network itself is trusted',
      }),
    )

/** `om server` and `om controller`: the processes apart. `listening` are the options of `om up`. */
export const describeProcesses = (om: Command, listening: (command: Command) => Command): void => {
  withNats(
    listening(
      om.command('server').description(
        say({
          zh: '只启动服务端，主控端是独立的进程（经由 NATS）',
          en: 'start the server alone; controllers are processes of their own, behind NATS',
        }),
      ),
    ).option(
      '--peer-address <host:port>',
      say({
        zh: '同用一个数据库的其他服务访问本服务的地址（默认为监听地址）',
        en: 'where other servers on the same database reach this one (default: where it listens)',
      }),
    ),
  ).action(async (options) => (await import('./commands/server.ts')).server(options))
  withNats(
    om
      .command('controller')
      .description(say({ zh: '启动一个机房的主控端', en: 'start a controller, for one IDC' }))
      .option('--idc <name>', say({ zh: '机房', en: 'IDC' }))
      .option(
        '--name <name>',
        say({
          zh: '名称（默认取身份或主机名）',
          en: 'name (default: of its identity, or the host)',
        }),
      )
      .option(
        '--slots <n>',
        say({
          zh: '最多同时执行的主机数（默认 2000）',
          en: 'hosts in flight at once (default 2000)',
        }),
      )
      .option(
        '--data <dir>',
        say({
          zh: '没有 --pki 时，存放自己密钥的目录（默认 controller）',
          en: 'without --pki: where its own key lies (default controller)',
        }),
      ),
  ).action(async (options) => (await import('./commands/controller.ts')).controller(options))
}

export const describeControllers = (om: Command): void => {
  const load = () => import('./commands/controllers.ts')
  const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })
  const controllers = om.command('controllers').description(
    say({
      zh: '主控端：列出、登记、吊销、排空',
      en: 'list, enrol, revoke and drain controllers',
    }),
  )
  controllers
    .command('list', { isDefault: true })
    .description(
      say({
        zh: '主控端与机房：状态、问题、如何处理',
        en: 'controllers and IDCs: how they are, what is wrong, what to do',
      }),
    )
    .option('--json', json())
    .action(async (options) => (await load()).list(options))
  controllers
    .command('enroll <name>')
    .description(
      say({
        zh: '登记：之后发往该机房的执行内容会加密给它',
        en: 'enrol one: what is sent to the IDC is encrypted for it from then on',
      }),
    )
    .requiredOption('--idc <name>', say({ zh: '机房', en: 'IDC' }))
    .requiredOption(
      '--key <base64>',
      say({ zh: '它的公钥，启动时打印', en: 'its public key, printed when it starts' }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).enroll(name, options))
  controllers
    .command('revoke <name>')
    .description(
      say({
        zh: '吊销：不再下发给它，也不再采信它的结果',
        en: 'send it nothing more, and believe it nothing more',
      }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).revoke(name, options))
  controllers
    .command('drain <name>')
    .description(
      say({
        zh: '排空：不再接新的主机，执行中的做完（维护前用）',
        en: 'take nothing more, finish what is in flight: before maintenance',
      }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).drain(name, true, options))
  controllers
    .command('resume <name>')
    .description(say({ zh: '恢复接活', en: 'let it take work again' }))
    .option('--json', json())
    .action(async (name, options) => (await load()).drain(name, false, options))
}
