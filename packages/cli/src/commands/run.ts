// `om run`: preview, confirm, launch, follow.

import { type LaunchInput, moduleRoutes, runRoutes } from '@omserver/api'
import { connect } from '../connection.ts'
import { plural } from '../counts.ts'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from '../exit.ts'
import { follow } from '../follow.ts'
import { lang, say } from '../lang.ts'
import { parseParams } from '../params.ts'
import { ask, canAsk } from '../prompt.ts'
import { readText } from '../read-text.ts'
import { print, printJson, readStdin, warn } from '../terminal.ts'
import { duration, wholeNumber } from '../whole-number.ts'

const DAY_MS = 86_400_000

export interface RunOptions {
  readonly target: string[]
  readonly param?: string[]
  readonly check?: boolean
  readonly concurrency?: string
  readonly batch?: string
  readonly maxFailures?: string
  readonly timeout?: string
  readonly runTimeout?: string
  readonly retries?: string
  readonly runAs?: string
  readonly runAsMethod?: string
  readonly runAsPasswordStdin?: boolean
  readonly credential?: string
  readonly note?: string
  readonly yes?: boolean
  /** Absent: by the server's rule, and followed. */
  readonly detach?: boolean
  readonly json?: boolean
}

export const run = async (moduleName: string, options: RunOptions): Promise<void> => {
  const client = await connect()
  const module = await client.call(moduleRoutes.show, { params: { name: moduleName } })
  const input: LaunchInput = {
    module: moduleName,
    selector: options.target.join(' '),
    params: await parseParams(options.param ?? [], module.fields, readText),
    check: options.check ?? false,
    strategy: {
      concurrency: wholeNumber('--concurrency', options.concurrency, 1, 10_000),
      batches: options.batch,
      maxFailures: options.maxFailures,
      hostTimeoutMs: duration('--timeout', options.timeout, 100, DAY_MS),
      runTimeoutMs: duration('--run-timeout', options.runTimeout, 1000, 7 * DAY_MS),
      retries: wholeNumber('--retries', options.retries, 0, 5),
      detach: options.detach,
    },
    runAs: await runAsOf(options),
    credential: options.credential,
    note: options.note,
  }
  const preview = await client.call(runRoutes.preview, { body: input })
  if (preview.problems.length > 0) {
    throw new ExitError(
      EXIT_USAGE,
      preview.problems.map((problem) => `${problem.field}: ${problem.message[lang]}`).join('\n'),
    )
  }
  if (preview.refused) throw new ExitError(EXIT_SERVER, preview.refused[lang])
  if (preview.confirm.needed && preview.total > 0 && !options.yes) {
    await confirm(preview.total, preview.idcs.length, preview.confirm.reason?.[lang])
  }
  if (options.detach && preview.detached.because) attachedBecause(preview.detached.because)
  const launched = await client.call(runRoutes.launch, {
    body: { ...input, confirmHosts: preview.total },
  })
  if (options.detach) {
    if (options.json) return printJson(launched)
    return print(say({ zh: `已发起：${launched.id}`, en: `Launched: ${launched.id}` }))
  }
  process.exitCode = await follow(client, launched, options)
}

const reasons = {
  steps: { zh: '这个任务分多个步骤', en: 'it has several steps' },
  file: { zh: '这个任务是写入文件', en: 'it puts a file in place' },
  tool: { zh: '由 Ansible、Salt 或 Func 执行', en: 'Ansible, Salt or Func carries it out' },
  disconnect: { zh: '它以连接断开结束', en: 'it ends by cutting the connection' },
  check: { zh: '试运行不改动主机', en: 'check mode changes nothing' },
} as const

const attachedBecause = (because: keyof typeof reasons): void => {
  const { zh, en } = reasons[because]
  warn(
    say({
      zh: `主机上的命令不能脱离连接运行：${zh}。OMServer 中断时，执行中的主机会记为“结果未知”。`,
      en: `The command cannot run detached on its hosts: ${en}. If OMServer goes away, hosts under way end as "lost".`,
    }),
  )
}

const runAsOf = async (options: RunOptions): Promise<LaunchInput['runAs']> => {
  if (!options.runAs) return undefined
  const method = options.runAsMethod ?? 'sudo'
  if (method !== 'sudo' && method !== 'su') {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `--run-as-method 应为 sudo 或 su：${method}`,
        en: `--run-as-method is sudo or su, not ${method}`,
      }),
    )
  }
  return {
    user: options.runAs,
    method,
    password: options.runAsPasswordStdin ? await readStdin() : undefined,
  }
}

export const confirm = async (
  total: number,
  idcs: number,
  reason: string | undefined,
): Promise<void> => {
  const why = reason ? `${reason}\n` : ''
  const question = say({
    zh: `${why}将在 ${total} 台主机（${idcs} 个机房）上执行，请输入台数确认：`,
    en: `${why}This runs on ${plural(total, 'host')} in ${plural(idcs, 'IDC')}. Type the number to go on: `,
  })
  if (canAsk()) {
    if ((await ask(question)) === String(total)) return
    throw new ExitError(
      EXIT_USAGE,
      say({ zh: `不是 ${total}，未执行。`, en: `That is not ${total}; nothing ran.` }),
    )
  }
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `${why}需要确认 ${total} 台主机，未执行。核对后加 --yes。`,
      en: `${why}${plural(total, 'host')} ${total === 1 ? 'needs' : 'need'} a confirmation; nothing ran. Add --yes once you have checked ${total === 1 ? 'it' : 'them'}.`,
    }),
  )
}
