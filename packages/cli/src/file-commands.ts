// The tree of `om files`: names, arguments and help. What they do is in commands/files.ts, loaded on demand.

import type { Command } from 'commander'
import { say } from './lang.ts'

const json = () => say({ zh: '输出 JSON，供程序读取', en: 'print JSON, for programs' })
const version = () => say({ zh: '版本（默认最新）', en: 'version (the newest by default)' })

export const describeFiles = (om: Command): void => {
  const files = om.command('files').description(
    say({
      zh: '文件库：上传、列出、下载、删除',
      en: 'the file library: upload, list, download, delete',
    }),
  )
  const load = () => import('./commands/files.ts')
  files
    .command('put <path>')
    .description(
      say({
        zh: '上传文件或文件夹；同名则成为新版本',
        en: 'upload a file or a folder; under a name that exists it is a new version',
      }),
    )
    .option(
      '--name <name>',
      say({ zh: '文件库中的名称（默认同文件名）', en: 'its name there (that of the file)' }),
    )
    .option('--json', json())
    .action(async (path, options) => (await load()).put(path, options))
  files
    .command('list [name]')
    .description(
      say({ zh: '列出文件，或一个文件的全部版本', en: 'list files, or the versions of one' }),
    )
    .option('--json', json())
    .action(async (name, options) => (await load()).list(name, options))
  files
    .command('get <name> [file]')
    .description(
      say({
        zh: '下载到文件（默认同名，- 为标准输出）',
        en: 'download into a file (of the same name; - is standard output)',
      }),
    )
    .option('--version <n>', version())
    .option('--json', json())
    .action(async (name, file, options) => (await load()).get(name, file, options))
  files
    .command('rm <name>')
    .description(say({ zh: '删除文件及其全部版本', en: 'delete a file with all of its versions' }))
    .option('--version <n>', say({ zh: '只删除这个版本', en: 'only this version' }))
    .option('--json', json())
    .action(async (name, options) => (await load()).remove(name, options))
}

/** Of `om runs`. */
export const describeRunFiles = (runs: Command): void => {
  runs
    .command('files <id>')
    .description(
      say({
        zh: '收集到的文件：列出，或打包下载（tar.gz）',
        en: 'collected files: list them, or download all (tar.gz)',
      }),
    )
    .option(
      '-o, --output <file>',
      say({ zh: '下载到（- 为标准输出）', en: 'download to (- is standard output)' }),
    )
    .option('--json', json())
    .action(async (id, options) => (await import('./commands/run-files.ts')).files(id, options))
}
