// The tree of commands: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { describeClients } from './client-commands.ts'
import { describeControllers, describeProcesses } from './controller-commands.ts'
import { describeCredentials } from './credential-commands.ts'
import { describeDrivers } from './driver-commands.ts'
import { EXIT_USAGE, ExitError } from './exit.ts'
import { describeFiles, describeRunFiles } from './file-commands.ts'
import { say } from './lang.ts'
import { listening } from './listening-options.ts'
import { describePki } from './pki-commands.ts'
import { describeProjects } from './project-commands.ts'
import { strategyOptions } from './strategy-options.ts'

const collect = (value: string, before: string[] = []): string[] => [...before, value]
const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })

/** `om --direct URL --pki DIR …`; undefined: by way of the server. */
const directOf = (om: Command): { readonly url: string; readonly pki?: string } | undefined => {
  const { direct, pki } = om.opts<{ readonly direct?: string; readonly pki?: string }>()
  return direct === undefined ? undefined : { url: direct, pki }
}

export const describeCommands = (om: Command): void => {
  refuseDirect(om)
  describeServer(om)
  describeHosts(om)
  describeRuns(om)
  describePeople(om)
  describeCredentials(om)
  describeProjects(om)
  describeFiles(om)
  describeControllers(om)
  describeClients(om)
  describeDrivers(om)
  describePki(om)
}

const withoutServer = new Set(['run', 'runs show', 'runs follow', 'runs abort'])

const refuseDirect = (om: Command): void => {
  om.hook('preAction', (_, command) => {
    if (!directOf(om)) return
    const names: string[] = []
    for (let at: Command | null = command; at && at !== om; at = at.parent) names.unshift(at.name())
    if (withoutServer.has(names.join(' '))) return
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `--direct 只用于 run 和 runs show、follow、abort；om ${names.join(' ')} 需要服务端。`,
        en: `--direct is for run and for runs show, follow and abort; om ${names.join(' ')} takes the server.`,
      }),
    )
  })
}

const describeServer = (om: Command): void => {
  listening(
    om.command('up').description(
      say({
        zh: '在一个进程里启动全部（内嵌引擎）',
        en: 'start everything in one process (embedded engine)',
      }),
    ),
  ).action(async (options) => (await import('./commands/up.ts')).up(options))
  describeProcesses(om, listening)
  om.command('backup <file>')
    .description(
      say({
        zh: '备份数据目录中的数据库，服务端可以照常运行（不含 secret.key）',
        en: 'copy the database of the data folder, while its server may run (secret.key is not in it)',
      }),
    )
    .option('--data <dir>', say({ zh: '数据目录（OM_DATA）', en: 'data folder (OM_DATA)' }))
    .option('--json', json())
    .action(async (file, options) => (await import('./commands/backup.ts')).backup(file, options))
  om.command('login <url>')
    .description(say({ zh: '登录服务器并保存令牌', en: 'sign in to a server and keep a token' }))
    .requiredOption('--user <name>', say({ zh: '用户名', en: 'user name' }))
    .option(
      '--password-stdin',
      say({ zh: '从标准输入读取密码', en: 'read the password from standard input' }),
    )
    .option(
      '--fingerprint <sha256>',
      say({
        zh: '核对过的自签证书指纹；不给则显示并询问',
        en: 'the fingerprint of a self-made certificate that you compared; shown and asked for when absent',
      }),
    )
    .option('--json', json())
    .action(async (url, options) => (await import('./commands/login.ts')).login(url, options))
  om.command('logout')
    .description(say({ zh: '吊销并忘记保存的令牌', en: 'revoke and forget the stored token' }))
    .option('--json', json())
    .action(async (options) => (await import('./commands/login.ts')).logout(options))
  om.command('demo')
    .description(
      say({ zh: '加入模拟主机，用来试用', en: 'add a simulated fleet to try things on' }),
    )
    .option('--hosts <n>', say({ zh: '台数（默认 200）', en: 'how many (default 200)' }), '200')
    .option(
      '--yes',
      say({ zh: '删除多出的模拟主机时不再询问', en: 'delete those beyond without asking' }),
    )
    .option('--json', json())
    .action(async (options) => (await import('./commands/hosts.ts')).demo(options))
}

const describeHosts = (om: Command): void => {
  const load = () => import('./commands/hosts.ts')
  const hosts = om
    .command('hosts')
    .description(
      say({ zh: '主机：列出、新增、导入、检测等', en: 'list, add, import, check hosts' }),
    )
  hosts
    .command('list')
    .description(say({ zh: '列出主机', en: 'list hosts' }))
    .option('-t, --target <selector>', say({ zh: '操作对象', en: 'selector' }), collect)
    .option('--json', json())
    .action(async (options) => (await load()).list(options))
  hosts
    .command('show <name>')
    .description(say({ zh: '查看一台主机', en: 'show one host' }))
    .option('--json', json())
    .action(async (name, options) => (await load()).show(name, options))
  hosts
    .command('add <name>')
    .description(say({ zh: '新增主机', en: 'add a host' }))
    .requiredOption('--address <address>', say({ zh: '内网IP 或域名', en: 'address or DNS name' }))
    .option('--outer-address <address>', say({ zh: '外网IP', en: 'outside address' }))
    .option('--port <n>', say({ zh: 'SSH 端口', en: 'SSH port' }))
    .option('--driver <name>', 'ssh | local | ansible | salt | func | sim')
    .option('--credential <name>', say({ zh: '凭据', en: 'credential' }))
    .option('--jump <name>', say({ zh: '跳板机（主机名）', en: 'jump host (name)' }))
    .option(
      '--encoding <name>',
      say({ zh: '输出编码，如 gb18030', en: 'output encoding, e.g. gb18030' }),
    )
    .option(
      '-l, --label <name=value>',
      say({ zh: '标签，可多次', en: 'label, repeatable' }),
      collect,
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).add(name, options))
  hosts
    .command('set <selector> <label=value...>')
    .description(
      say({
        zh: '批量设置标签（label= 删除该标签）',
        en: 'set labels in bulk (label= removes it)',
      }),
    )
    .option('--credential <name>', say({ zh: '同时设置凭据', en: 'set the credential as well' }))
    .option('--json', json())
    .action(async (selector, pairs, options) => (await load()).set(selector, pairs, options))
  hosts
    .command('rm <selector>')
    .description(say({ zh: '删除主机', en: 'delete hosts' }))
    .option('--yes', say({ zh: '不再询问', en: 'do not ask' }))
    .option('--json', json())
    .action(async (selector, options) => (await load()).remove(selector, options))
  hosts
    .command('import <file>')
    .description(
      say({
        zh: '导入主机文件（YAML、CSV、Ansible inventory；- 为标准输入）',
        en: 'import a hosts file (YAML, CSV, Ansible inventory; - is standard input)',
      }),
    )
    .option('--dry-run', say({ zh: '只预览', en: 'preview only' }))
    .option(
      '--unknown <label|ignore>',
      say({
        zh: '未识别的列：作为标签，或忽略；不给则拒绝',
        en: 'unknown columns: take them as labels, or pass them over; refused when absent',
      }),
    )
    .option('--json', json())
    .action(async (file, options) => (await load()).importFile(file, options))
  hosts
    .command('check <selector>')
    .description(say({ zh: '连通性检测', en: 'check connectivity' }))
    .option('--json', json())
    .action(async (selector, options) =>
      (await import('./commands/check.ts')).check(selector, options),
    )
  hosts
    .command('accept-key <name>')
    .description(say({ zh: '接受变更后的主机密钥', en: 'accept a host’s changed key' }))
    .option(
      '--fingerprint <sha256>',
      say({
        zh: '核对过的指纹；不给则显示并询问',
        en: 'the fingerprint you compared; shown and asked for when absent',
      }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).acceptKey(name, options))
}

const describeRuns = (om: Command): void => {
  const modules = om
    .command('modules')
    .description(say({ zh: '任务模块：列出、查看', en: 'list and show task modules' }))
  modules
    .command('list')
    .description(say({ zh: '列出任务模块', en: 'list task modules' }))
    .option('--json', json())
    .action(async (options) => (await import('./commands/modules.ts')).list(options))
  modules
    .command('show <name>')
    .description(say({ zh: '查看一个任务模块及其参数', en: 'show a module and its parameters' }))
    .option('--json', json())
    .action(async (name, options) => (await import('./commands/modules.ts')).show(name, options))
  strategyOptions(
    om
      .command('run <module>')
      .description(say({ zh: '在主机上执行任务模块', en: 'run a module on hosts' }))
      .requiredOption(
        '-t, --target <selector>',
        say({ zh: '操作对象，可多次', en: 'selector, repeatable' }),
        collect,
      )
      .option(
        '-p, --param <key=value>',
        say({
          zh: '参数；@文件 表示取文件内容，@@ 表示一个 @',
          en: 'parameter; @file takes a file’s content, @@ is an @',
        }),
        collect,
      )
      .option('--check', say({ zh: '试运行', en: 'check mode: change nothing' })),
  )
    .option('--run-as <user>', say({ zh: '执行账号', en: 'account on the host' }))
    .option('--run-as-method <method>', 'sudo | su')
    .option(
      '--run-as-password-stdin',
      say({ zh: '从标准输入读取执行账号密码', en: 'read the run-as password from standard input' }),
    )
    .option('--credential <name>', say({ zh: '改用此凭据', en: 'use this credential instead' }))
    .option('--note <text>', say({ zh: '备注', en: 'note' }))
    .option('--yes', say({ zh: '确认主机台数，不再询问', en: 'agree to the number of hosts' }))
    .option('--json', json())
    .action(async (module, options) => {
      const direct = directOf(om)
      if (!direct) return (await import('./commands/run.ts')).run(module, options)
      return (await import('./direct/run-direct.ts')).runDirect(direct, module, options)
    })
  const runs = om
    .command('runs')
    .description(
      say({ zh: '执行历史：查看、跟随、中止、重运行', en: 'list, follow, abort, rerun runs' }),
    )
  const load = () => import('./commands/runs.ts')
  const loadDirect = () => import('./direct/runs-direct.ts')
  runs
    .command('list')
    .description(say({ zh: '列出执行', en: 'list runs' }))
    .option('--module <name>', say({ zh: '只看某个任务模块', en: 'of this module' }))
    .option('--state <states>', say({ zh: '只看这些状态', en: 'in these states' }))
    .option('--limit <n>', say({ zh: '条数（默认 20）', en: 'how many (default 20)' }), '20')
    .option('--json', json())
    .action(async (options) => (await load()).list(options))
  runs
    .command('show <id>')
    .description(say({ zh: '查看一次执行', en: 'show a run' }))
    .option('--json', json())
    .action(async (id, options) => {
      const direct = directOf(om)
      if (!direct) return (await load()).show(id, options)
      return (await loadDirect()).showDirect(direct, id, options)
    })
  runs
    .command('output <id>')
    .description(
      say({
        zh: '查看输出：归组，或某台主机的原样',
        en: 'outputs: folded, or one host’s as it came',
      }),
    )
    .option('--host <name>', say({ zh: '主机', en: 'host' }))
    .option('--json', json())
    .action(async (id, options) => (await load()).output(id, options))
  describeRunFiles(runs)
  runs
    .command('follow <id>')
    .description(say({ zh: '跟随一次执行直到结束', en: 'follow a run to its end' }))
    .option('--json', json())
    .action(async (id, options) => {
      const direct = directOf(om)
      if (!direct) return (await load()).follow(id, options)
      return (await loadDirect()).followRunDirect(direct, id, options)
    })
  runs
    .command('abort <id>')
    .description(say({ zh: '中止', en: 'abort a run' }))
    .option('--json', json())
    .action(async (id, options) => {
      const direct = directOf(om)
      if (!direct) return (await load()).abort(id, options)
      return (await loadDirect()).abortDirect(direct, id, options)
    })
  runs
    .command('rerun <id>')
    .description(say({ zh: '重运行', en: 'run again' }))
    .option('--failed', say({ zh: '仅重跑失败的主机', en: 'only the hosts that are not ok' }))
    .option(
      '-p, --param <key=value>',
      say({
        zh: '重新给出保密参数；@文件 表示取文件内容',
        en: 'a secret parameter, given again; @file takes a file’s content',
      }),
      collect,
    )
    .option(
      '--run-as-password-stdin',
      say({ zh: '从标准输入读取执行账号密码', en: 'read the run-as password from standard input' }),
    )
    .option('--yes', say({ zh: '确认主机台数，不再询问', en: 'agree to the number of hosts' }))
    .option('--json', json())
    .action(async (id, options) => (await load()).rerun(id, options))
}

const describePeople = (om: Command): void => {
  const load = () => import('./commands/people.ts')
  const groups = om
    .command('groups')
    .description(say({ zh: '动态分组：列出、新增、删除', en: 'list, add, delete saved groups' }))
  groups
    .command('list')
    .option('--json', json())
    .action(async (o) => (await load()).listGroups(o))
  groups
    .command('add <name> <selector>')
    .option('--json', json())
    .action(async (n, s, o) => (await load()).addGroup(n, s, o))
  groups
    .command('rm <name>')
    .option('--json', json())
    .action(async (n, o) => (await load()).removeGroup(n, o))

  const users = om
    .command('users')
    .description(say({ zh: '用户：列出、新增、删除', en: 'list, add, delete users' }))
  users
    .command('list')
    .option('--json', json())
    .action(async (o) => (await load()).listUsers(o))
  users
    .command('add <name>')
    .requiredOption('--role <role>', 'admin | operator | viewer')
    .option('--display-name <text>', say({ zh: '显示名', en: 'display name' }))
    .option(
      '--grant <modules@selector>',
      say({
        zh: '授权，如 service.*@env=staging，可多次',
        en: 'grant, e.g. service.*@env=staging, repeatable',
      }),
      collect,
    )
    .option(
      '--password-stdin',
      say({ zh: '从标准输入读取密码', en: 'read the password from standard input' }),
    )
    .option('--json', json())
    .action(async (n, o) => (await load()).addUser(n, o))
  users
    .command('rm <name>')
    .option('--json', json())
    .action(async (n, o) => (await load()).removeUser(n, o))

  const tokens = om
    .command('tokens')
    .description(say({ zh: '令牌：列出、新增、吊销', en: 'list, add, revoke API tokens' }))
  tokens
    .command('list')
    .option('--json', json())
    .action(async (o) => (await load()).listTokens(o))
  tokens
    .command('add <name>')
    .option(
      '--days <n>',
      say({ zh: '有效天数；不给则不过期', en: 'days it is valid; for ever when absent' }),
    )
    .option('--json', json())
    .action(async (n, o) => (await load()).addToken(n, o))
  tokens
    .command('rm <id|name>')
    .option('--json', json())
    .action(async (n, o) => (await load()).removeToken(n, o))
}
