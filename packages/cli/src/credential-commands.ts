// The tree of `om credentials`: names, arguments and help. What they do is in commands/, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })

export const describeCredentials = (om: Command): void => {
  const credentials = om
    .command('credentials')
    .description(say({ zh: '凭据：列出、新增、删除', en: 'list, add, delete credentials' }))
  const load = () => import('./commands/credentials.ts')
  credentials
    .command('list')
    .option('--json', json())
    .action(async (o) => (await load()).list(o))
  credentials
    .command('add <name>')
    .requiredOption('--type <type>', 'ssh-key | password | agent')
    .requiredOption('--user <user>', say({ zh: '登录账号', en: 'account to log in with' }))
    .option(
      '--file <key>',
      say({ zh: '私钥文件（- 为标准输入）', en: 'private key file (- is standard input)' }),
    )
    .option('--generate', say({ zh: '由服务器生成密钥对', en: 'let the server make a key pair' }))
    .option(
      '--password-stdin',
      say({
        zh: '从标准输入读取密码或私钥口令',
        en: 'read the password, or the key’s passphrase, from standard input',
      }),
    )
    .option('--json', json())
    .action(async (n, o) => (await load()).add(n, o))
  credentials
    .command('rm <name>')
    .option('--json', json())
    .action(async (n, o) => (await load()).remove(n, o))
}
