// `om backup`: a copy of the database file of this machine, of one moment, also while its server runs.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from '../exit.ts'
import { say } from '../lang.ts'
import { backUpDatabase } from '../serve.ts'
import { print, printJson } from '../terminal.ts'

interface BackupOptions {
  readonly data?: string
  readonly json?: boolean
}

export const backup = async (file: string, options: BackupOptions): Promise<void> => {
  const folder = resolve(options.data || process.env['OM_DATA'] || 'data')
  const from = join(folder, 'omserver.db')
  const to = resolve(file)
  if (!existsSync(from)) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${folder} 里没有数据库 omserver.db。请用 --data 指定数据目录；数据库是 MariaDB、MySQL 或 PostgreSQL 时，请用它自己的备份工具。`,
        en: `There is no database omserver.db in ${folder}. Name the data folder with --data; MariaDB, MySQL and PostgreSQL have backup tools of their own.`,
      }),
    )
  }
  if (existsSync(to)) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${to} 已经存在，不会覆盖。`,
        en: `${to} is there already, and is not overwritten.`,
      }),
    )
  }
  let done: Awaited<ReturnType<typeof backUpDatabase>>
  try {
    done = await backUpDatabase(from, to)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ExitError(
      EXIT_SERVER,
      say({ zh: `备份失败：${why}`, en: `The backup failed: ${why}` }),
    )
  }
  if (options.json) return printJson({ file: to, ...done })
  const size = (done.bytes / 1e6).toFixed(1)
  print(
    say({
      zh: `已备份到 ${to}（${size} MB）。凭据要用 ${join(folder, 'secret.key')} 才能解开，请另行保存。`,
      en: `Saved ${to} (${size} MB). Its credentials open only with ${join(folder, 'secret.key')}, which you keep elsewhere.`,
    }),
  )
  if (done.runsUnderWay === 0) return
  print(
    say({
      zh: `有 ${done.runsUnderWay} 个执行尚未结束；从这份备份恢复后，它们会中止，不会再执行。`,
      en: `Under way: ${done.runsUnderWay}. Restored from this file, those runs are aborted, so that nothing runs twice.`,
    }),
  )
}
