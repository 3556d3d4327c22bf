// `om --direct URL --pki DIR run`: evaluated here, allowed and carried out by the controllers of the IDC.

import { randomUUID } from 'node:crypto'
import { errorText } from '@omserver/api'
import { type DirectSubmission, formOf } from '@omserver/core'
import { confirm, type RunOptions } from '../commands/run.ts'
import { EXIT_SERVER, EXIT_USAGE, ExitError } from '../exit.ts'
import { lang, say } from '../lang.ts'
import { parseParams } from '../params.ts'
import { readText } from '../read-text.ts'
import { duration, wholeNumber } from '../whole-number.ts'
import { connectDirect, type Direct } from './connect.ts'
import { builtinModule, evaluateBuiltin } from './evaluate-builtin.ts'
import { followDirect } from './follow-direct.ts'
import { saidHere } from './said-here.ts'

const DAY_MS = 86_400_000

/** Of a run that the server cuts into batches, retries and remembers. */
const serversOwn: readonly (keyof RunOptions)[] = [
  'batch',
  'maxFailures',
  'runTimeout',
  'retries',
  'runAs',
  'credential',
  'note',
  'detach',
]

const refuseServersOwn = (options: RunOptions): void => {
  const given = serversOwn.filter((name) => options[name] !== undefined)
  if (given.length === 0) return
  const names = given
    .map((name) => `--${name.replace(/[A-Z]/g, (sign) => `-${sign.toLowerCase()}`)}`)
    .join(', ')
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `--direct 时不能用 ${names}：这些要由服务端来做。`,
      en: `${names} cannot be used with --direct: the server does that.`,
    }),
  )
}

export const runDirect = (direct: Direct, moduleName: string, options: RunOptions): Promise<void> =>
  saidHere(async () => {
    refuseServersOwn(options)
    const module = builtinModule(moduleName)
    const check = options.check ?? false
    const params = await parseParams(options.param ?? [], formOf(module.params), readText)
    const { action } = evaluateBuiltin(moduleName, params, check)
    if (action === null) {
      throw new ExitError(
        EXIT_USAGE,
        say({
          zh: `任务模块 ${moduleName} 不支持试运行。`,
          en: `The module ${moduleName} cannot be run in check mode.`,
        }),
      )
    }
    const timeoutMs = duration('--timeout', options.timeout, 100, DAY_MS)
    const concurrency = wholeNumber('--concurrency', options.concurrency, 1, 10_000)
    const selector = options.target.join(' ')
    const client = await connectDirect(direct)
    try {
      const runId = randomUUID()
      const { book, epoch, hosts, settings, refused } = await client.ask(runId, {
        module: moduleName,
        selector,
      })
      if (refused) throw new ExitError(EXIT_SERVER, errorText(refused.code, refused.details)[lang])
      const reason = check ? undefined : module.dangerous?.[lang]
      if ((reason !== undefined || hosts.length > settings.confirmAbove) && !options.yes) {
        await confirm(hosts.length, 1, reason)
      }
      const submission: DirectSubmission = {
        runId,
        idc: client.idc,
        client: client.client,
        at: Date.now(),
        book,
        epoch,
        module: moduleName,
        params,
        selector,
        check,
        action,
        strategy: {
          concurrency: concurrency ?? settings.concurrency,
          hostTimeoutMs: timeoutMs ?? module.timeoutMs ?? settings.hostTimeoutMs,
          retries: 0,
        },
        hosts: hosts.map(({ hostId, name, driver }) => ({ hostId, name, driver })),
      }
      await client.begin(submission)
      const known = new Map(hosts.map((host) => [host.hostId, host]))
      process.exitCode = await followDirect(client, direct, { submission, known }, options)
    } finally {
      await client.close()
    }
  })
