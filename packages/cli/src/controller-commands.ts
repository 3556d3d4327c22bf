// The commands about controllers: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

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
    .command('list')
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
