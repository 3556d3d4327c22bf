// The tree of `om projects`: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })
const refHelp = () =>
  say({
    zh: '分支、标签或提交，默认为仓库的默认分支',
    en: 'branch, tag or commit; the default branch of the repository when absent',
  })
const credentialHelp = () =>
  say({
    zh: '打开仓库的凭据：https 用密码（令牌），ssh 用私钥',
    en: 'credential that opens it: a password (token) for https, a key for ssh',
  })

export const describeProjects = (om: Command): void => {
  const load = () => import('./commands/projects.ts')
  const projects = om.command('projects').description(
    say({
      zh: 'Playbook 项目：登记、列出、查看、刷新、删除',
      en: 'projects of playbooks: register, list, show, refresh, remove',
    }),
  )
  projects
    .command('list')
    .description(say({ zh: '列出项目', en: 'list projects' }))
    .option('--json', json())
    .action(async (options) => (await load()).list(options))
  projects
    .command('show <name>')
    .description(
      say({ zh: '查看项目及其中的 playbook', en: 'show a project and the playbooks in it' }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).show(name, options))
  projects
    .command('add <name>')
    .description(
      say({
        zh: '登记项目：服务器上的文件夹，或 Git 仓库（管理员）',
        en: 'register one: a folder on the server, or a Git repository (administrators)',
      }),
    )
    .option('--path <dir>', say({ zh: '服务器上的文件夹', en: 'folder on the server' }))
    .option('--git <url>', say({ zh: 'Git 仓库地址', en: 'address of a Git repository' }))
    .option('--ref <ref>', refHelp())
    .option('--credential <name>', credentialHelp())
    .option('--json', json())
    .action(async (name, options) => (await load()).add(name, options))
  projects
    .command('set <name>')
    .description(say({ zh: '修改来源', en: 'change where it comes from' }))
    .option('--path <dir>', say({ zh: '服务器上的文件夹', en: 'folder on the server' }))
    .option('--git <url>', say({ zh: 'Git 仓库地址', en: 'address of a Git repository' }))
    .option('--ref <ref>', refHelp())
    .option('--credential <name>', credentialHelp())
    .option('--json', json())
    .action(async (name, options) => (await load()).set(name, options))
  projects
    .command('refresh <name>')
    .description(
      say({
        zh: '重新读取（每次发起执行时也会读取）',
        en: 'read it again (every launch does so, too)',
      }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).refresh(name, options))
  projects
    .command('rm <name>')
    .description(
      say({
        zh: '删除登记；已发起的执行不受影响',
        en: 'remove it from the list; runs that were launched keep what they need',
      }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).remove(name, options))
}
