// `om runs …`.

import {
  type AnswerOf,
  ApiError,
  type Client,
  hostRoutes,
  type RunDetail,
  type RunView,
  runRoutes,
} from '@omserver/api'
import { runStates } from '@omserver/core'
import { connect } from '../connection.ts'
import { plural } from '../counts.ts'
import { EXIT_USAGE, ExitError } from '../exit.ts'
import { allAnswers, printAllAnswers, summaryLine } from '../folded-answers.ts'
import { follow as followRun } from '../follow.ts'
import { lang, say } from '../lang.ts'
import { parseParams } from '../params.ts'
import { ask, askSecret, canAsk } from '../prompt.ts'
import { readText } from '../read-text.ts'
import { runStateText } from '../state-text.ts'
import { readSteps, stepLines } from '../step-lines.ts'
import { print, printed, printJson, readStdin, tableLines, warn, writeOutput } from '../terminal.ts'
import { wholeNumber } from '../whole-number.ts'

interface Json {
  readonly json?: boolean
}

const timeText = (time: number | null): string =>
  time === null
    ? '-'
    : new Date(time).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { hour12: false })

/** A state that does not exist would look like a history without such runs. */
const statesOf = (text: string | undefined): string | undefined => {
  const unknown = text?.split(',').find((state) => !runStates.some((known) => known === state))
  if (unknown === undefined) return text
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `没有状态 ${unknown}。可用状态：${runStates.join(', ')}`,
      en: `There is no state ${unknown}. There are: ${runStates.join(', ')}`,
    }),
  )
}

export const list = async (
  options: Json & { readonly module?: string; readonly state?: string; readonly limit: string },
): Promise<void> => {
  const page = await (await connect()).call(runRoutes.list, {
    query: {
      module: options.module,
      state: statesOf(options.state),
      limit: wholeNumber('--limit', options.limit, 1, 1000),
    },
  })
  if (options.json) return printJson(page)
  print(
    ...tableLines(
      [
        'ID',
        say({ zh: '任务模块', en: 'MODULE' }),
        say({ zh: '状态', en: 'STATE' }),
        say({ zh: '主机', en: 'OK/ALL' }),
        say({ zh: '用户', en: 'BY' }),
        say({ zh: '开始', en: 'STARTED' }),
      ],
      page.items.map((run) => [
        run.id,
        run.module,
        runStateText[run.state][lang],
        `${run.counts.ok}/${run.total}`,
        run.startedBy,
        timeText(run.createdAt),
      ]),
    ),
  )
}

export const show = async (id: string, options: Json): Promise<void> => {
  const run = await (await connect()).call(runRoutes.show, { params: { id } })
  if (options.json) return printJson(run)
  print(
    summaryLine(run),
    `${say({ zh: '状态', en: 'state' })}: ${runStateText[run.state][lang]}`,
    `${say({ zh: '操作对象', en: 'selector' })}: ${run.selector}`,
    `${say({ zh: '用户', en: 'by' })}: ${run.startedBy}`,
    ...begunLines(run.begun),
    ...run.projects.map(projectLine),
    `${say({ zh: '开始', en: 'started' })}: ${timeText(run.startedAt)}`,
    `${say({ zh: '结束', en: 'ended' })}: ${timeText(run.endedAt)}`,
    '',
    run.preview,
  )
}

const projectLine = ({ name, commit, sha256, bytes }: RunDetail['projects'][number]): string => {
  const what = say({ zh: '项目', en: 'project' })
  const state = commit === null ? '' : `  ${say({ zh: '提交', en: 'commit' })} ${commit}`
  return `${what}: ${name}${state}  sha256 ${sha256}  ${bytes.toLocaleString('en')} B`
}

const begunLines = (begun: RunView['begun']): readonly string[] => {
  if (!begun) return []
  const { idc, client, at, objection } = begun
  const where = say({
    zh: `在机房 ${idc} 由客户端 ${client} 发起（未经服务端），${timeText(at)}`,
    en: `in IDC ${idc} by the client ${client}, without the server, ${timeText(at)}`,
  })
  return [
    `${say({ zh: '发起', en: 'begun' })}: ${where}`,
    ...(objection
      ? [
          `${say({ zh: '注意', en: 'note' })}: ${say({
            zh: `服务端得知时已不会允许：${objection.zh}`,
            en: `the server would not have allowed it when it heard of it: ${objection.en}`,
          })}`,
        ]
      : []),
  ]
}

export const output = async (
  id: string,
  options: Json & { readonly host?: string },
): Promise<void> => {
  const client = await connect()
  if (!options.host) {
    if (options.json) return printJson(await allAnswers(client, id, { hostIds: true }))
    return printAllAnswers(client, id)
  }
  const host = await hostOfRun(client, id, options.host)
  const steps = await readSteps(client, id, host.id)
  let from: number | null = 0
  const pieces: { stream: 'stdout' | 'stderr'; offset: number; text: string }[] = []
  let size: Pick<Part, 'truncated' | 'outputBytes' | 'keptBytes' | 'gapAt'> = {
    truncated: false,
    outputBytes: 0,
    keptBytes: 0,
    gapAt: null,
  }
  while (from !== null) {
    const part: Part = await readPart(client, id, host.id, from)
    const { truncated, outputBytes, keptBytes, gapAt } = part
    size = { truncated, outputBytes, keptBytes, gapAt }
    if (options.json) pieces.push(...part.pieces)
    else
      for (const piece of part.pieces)
        writeOutput(piece.stream === 'stdout' ? process.stdout : process.stderr, piece.text)
    await printed()
    from = part.next
  }
  if (!options.json) {
    // Not among the host's own output, which may be piped on.
    for (const line of stepLines(steps)) warn(line)
    if (size.gapAt !== null) warn(gapLine(size.outputBytes - size.keptBytes, size.gapAt))
    return
  }
  const known = steps.told ? { steps: steps.steps, stepNames: steps.names } : {}
  printJson({ run: id, host: host.name, ...size, pieces, ...known })
}

/** By the name it had in the run, which still finds hosts that have been deleted since; else by the one it has today. */
const hostOfRun = async (
  client: Client,
  runId: string,
  given: string,
): Promise<{ readonly id: string; readonly name: string }> => {
  const query = { text: given.slice(0, 200), limit: 50_000 }
  const { items } = await client.call(runRoutes.results, { params: { id: runId }, query })
  const named = items.find(({ name, hostId }) => name === given || hostId === given)
  if (named) return { id: named.hostId, name: named.name }
  const today = await client.call(hostRoutes.show, { params: { id: given } })
  const renamed = await client
    .call(runRoutes.steps, { params: { id: runId, hostId: today.id } })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'HOST_UNKNOWN') return undefined
      throw error
    })
  if (renamed) return today
  throw new ExitError(
    EXIT_USAGE,
    say({
      zh: `主机 ${given} 不在这次执行之中。`,
      en: `Host ${given} is not one of this run.`,
    }),
  )
}

type Part = AnswerOf<typeof runRoutes.output>

const gapLine = (dropped: number, at: number): string =>
  say({
    zh: `输出过长：第 ${at} 字节之后有 ${dropped} 字节未保留。`,
    en: `The output was too long: ${dropped} bytes after byte ${at} were not kept.`,
  })

const readPart = (
  client: Awaited<ReturnType<typeof connect>>,
  id: string,
  hostId: string,
  from: number,
) => client.call(runRoutes.output, { params: { id, hostId }, query: { from, bytes: 1024 * 1024 } })

export const follow = async (id: string, options: Json): Promise<void> => {
  const client = await connect()
  const run = await client.call(runRoutes.show, { params: { id } })
  process.exitCode = await followRun(client, run, options)
}

export const abort = async (id: string, options: Json): Promise<void> => {
  const run = await (await connect()).call(runRoutes.abort, { params: { id } })
  if (options.json) return printJson(run)
  print(say({ zh: `正在中止 ${run.id}。`, en: `Aborting ${run.id}.` }))
}

export const rerun = async (
  id: string,
  options: Json & SecretOptions & { readonly failed?: boolean; readonly yes?: boolean },
): Promise<void> => {
  const client = await connect()
  const before = await client.call(runRoutes.show, { params: { id } })
  const hosts = options.failed ? before.total - before.counts.ok : before.total
  if (hosts === 0) {
    throw new ExitError(
      EXIT_USAGE,
      say({
        zh: `${id} 的每台主机都成功了，没有需要重跑的。`,
        en: `Every host of ${id} is ok; there is nothing to run again.`,
      }),
    )
  }
  const agreed = options.yes || (await confirmed(hosts))
  const secrets = await secretsAgain(before.secrets, options)
  const run: RunView = await client.call(runRoutes.rerun, {
    params: { id },
    body: {
      which: options.failed ? 'failed' : 'all',
      ...(agreed ? { confirmHosts: hosts } : {}),
      ...secrets,
    },
  })
  process.exitCode = await followRun(client, run, options)
}

interface SecretOptions {
  readonly param?: readonly string[]
  readonly runAsPasswordStdin?: boolean
}

const RUN_AS = 'runAsPassword'

/** What the run forgot when it ended: from the options, and what is left by asking. The server names what is missing. */
const secretsAgain = async (needed: readonly string[], options: SecretOptions) => {
  const fields = needed
    .filter((name) => name !== RUN_AS)
    .map((name) => ({ name, kind: 'secret' as const }))
  const given = Object.entries(await parseParams(options.param ?? [], fields, readText))
  const secrets = Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
  if (options.runAsPasswordStdin) secrets[RUN_AS] = await readStdin()
  if (canAsk()) {
    for (const name of needed) secrets[name] ??= await askSecret(`${name}: `)
  }
  const { [RUN_AS]: runAsPassword, ...parameters } = secrets
  return { secrets: parameters, ...(runAsPassword === undefined ? {} : { runAsPassword }) }
}

/** A person at a terminal is always asked; for a program the server says whether this run needs `--yes`. */
const confirmed = async (hosts: number): Promise<boolean> => {
  if (!canAsk()) return false
  const answer = await ask(
    say({
      zh: `将在 ${hosts} 台主机上重运行，继续？[y/N] `,
      en: `This runs again on ${plural(hosts, 'host')}. Go on? [y/N] `,
    }),
  )
  if (/^y(es)?$/i.test(answer)) return true
  throw new ExitError(
    EXIT_USAGE,
    say({ zh: '未确认，未执行。', en: 'Not confirmed; nothing ran.' }),
  )
}
