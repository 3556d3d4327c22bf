// Answers as people read them on a terminal: identical outputs once, with the hosts that gave them.

import {
  type AnswerClusterView,
  type AnswerOf,
  type Client,
  type RunView,
  runRoutes,
} from '@omserver/api'
import {
  type EndReason,
  endAdvice,
  endMessage,
  foldedNames,
  type HostState,
  hostStates,
} from '@omserver/core'
import { hostCount } from './counts.ts'
import { omCommand } from './invoked-as.ts'
import { lang, say } from './lang.ts'
import { stateText } from './state-text.ts'
import { blue, bold, dim, green, print, printed, red, yellow } from './terminal.ts'

type Answers = AnswerOf<typeof runRoutes.answers>

const stateColour: Record<HostState, (text: string) => string> = {
  queued: dim,
  running: blue,
  ok: green,
  failed: red,
  unreachable: red,
  timedOut: yellow,
  skipped: dim,
  aborted: yellow,
  lost: yellow,
}

export const summaryLine = (
  run: Pick<RunView, 'counts' | 'total' | 'module' | 'state'> & { readonly changed?: number },
): string => {
  const ended = run.total - run.counts.queued - run.counts.running
  const parts = hostStates
    .filter((state) => run.counts[state] > 0)
    .map((state) => stateColour[state](`${stateText[state][lang]} ${run.counts[state]}`))
  if (run.changed) parts.push(`${changedText(true)} ${run.changed}`)
  return `${run.module}  ${ended}/${run.total}  ${parts.join('  ')}`
}

const changedText = (changed: boolean): string =>
  say(changed ? { zh: '有变更', en: 'changed' } : { zh: '无变更', en: 'unchanged' })

/** Of a list of names; what does not fit is counted. One long range is shown whole: it is what people copy. */
const NAME_CELLS = 160

/** `web-[1-20,25] db-1 (+12)`: a selector for the hosts as far as it is short. `names` may be the first of `total`. */
export const nameList = (names: readonly string[], total: number): string => {
  const shown: string[] = []
  let counted = 0
  let cells = 0
  for (const term of foldedNames(names)) {
    cells += term.text.length + 1
    if (shown.length > 0 && cells > NAME_CELLS) break
    shown.push(term.text)
    counted += term.names
  }
  return shown.join(' ') + (total > counted ? ` (+${total - counted})` : '')
}

/** Of a command that ended by itself its output says why. */
const adviceOf = (reason: string | null) =>
  reason === null || reason === 'exit' ? undefined : endAdvice[reason as EndReason]

/** What is known of an end besides its state and output: a line that the output holds already is no news. */
const whyLines = (
  { reason, message }: { readonly reason: string | null; readonly message: string | null },
  output = '',
): string[] => {
  const advice = adviceOf(reason)
  const isNews = message !== null && reason !== 'exit' && !output.includes(message)
  return [
    ...(isNews ? [`   ${endMessage(message)[lang]}`] : []),
    ...(advice ? [dim(`   ${advice.advice[lang]}`)] : []),
  ]
}

const clusterLines = (cluster: AnswerClusterView, runId: string): string[] => {
  const { state, hosts, exit, changed, reason, sample } = cluster
  const advice = adviceOf(reason)
  const facts = [
    `${hostCount(hosts)} ${stateText[state][lang]}`,
    ...(exit === null ? [] : [say({ zh: `退出码 ${exit}`, en: `exit ${exit}` })]),
    ...(changed === null ? [] : [changedText(changed)]),
  ].join(say({ zh: '，', en: ', ' }))
  const output = sample.output.replace(/\n+$/, '')
  return [
    '',
    `${stateColour[state]('──')} ${bold(nameList(cluster.names, hosts))}  ${dim(facts)}${advice ? `: ${advice.title[lang]}` : ''}`,
    ...(output === '' ? [] : [output]),
    ...(sample.truncated ? [dim(cutText(sample, runId))] : []),
    ...(state === 'ok' ? [] : whyLines(cluster, output)),
  ]
}

const cutText = ({ name, output, outputBytes }: AnswerClusterView['sample'], runId: string) => {
  const whole = outputBytes.toLocaleString('en')
  const shown = `${Math.ceil(Buffer.byteLength(output) / 1024)} KiB`
  const command = `${omCommand} runs output ${runId} --host ${name}`
  return say({
    zh: `   以上是前 ${shown}，共 ${whole} 字节；全部：${command}`,
    en: `   the first ${shown} of ${whole} bytes; all: ${command}`,
  })
}

const silentLines = (group: Answers['silent'][number]): string[] => {
  const { state, reason, started, leftRunning, hosts } = group
  const advice = reason ? endAdvice[reason as EndReason] : undefined
  const facts = [
    `${hostCount(hosts)} ${stateText[state][lang]}`,
    // Of the others their state says it.
    ...(!started && (state === 'aborted' || state === 'timedOut')
      ? [say({ zh: '未开始执行', en: 'never started' })]
      : []),
    ...(leftRunning === 'yes' ? [say({ zh: '进程仍在运行', en: 'still running there' })] : []),
    ...(leftRunning === 'unknown'
      ? [say({ zh: '进程可能仍在运行', en: 'may still be running there' })]
      : []),
  ].join(say({ zh: '，', en: ', ' }))
  return [
    '',
    `${stateColour[state]('──')} ${bold(nameList(group.names, hosts))}  ${dim(facts)}${advice ? `: ${advice.title[lang]}` : ''}`,
    ...whyLines(group),
  ]
}

/** What went wrong first, then what is right, then what was not tried: the order of the page. */
const rank = (state: HostState): number => (state === 'ok' ? 1 : state === 'skipped' ? 2 : 0)

export const answerLines = (answers: Answers, runId: string): string[] => {
  const groups = [
    ...answers.clusters.map((one) => ({ of: one, lines: clusterLines(one, runId) })),
    ...answers.silent.map((one) => ({ of: one, lines: silentLines(one) })),
  ].sort((a, b) => rank(a.of.state) - rank(b.of.state) || b.of.hosts - a.of.hosts)
  const more = {
    zh: `另有 ${answers.more} 组：${omCommand} runs output ${runId}`,
    en: `${answers.more} more ${answers.more === 1 ? 'group' : 'groups'}: ${omCommand} runs output ${runId}`,
  }
  return [
    ...groups.flatMap(({ lines }) => lines),
    ...(answers.more > 0 ? ['', dim(say(more))] : []),
  ]
}

/** What stands below a run that has just ended: the first groups, and where the others are. */
const FIRST = 50
const PAGE = 200

export const printAnswers = async (client: Client, runId: string): Promise<void> => {
  const query = { limit: FIRST }
  print(
    ...answerLines(await client.call(runRoutes.answers, { params: { id: runId }, query }), runId),
  )
}

/** Every group, however many there are. */
export const printAllAnswers = async (client: Client, runId: string): Promise<void> => {
  for (const line of answerLines(await allAnswers(client, runId, {}), runId)) {
    print(line)
    await printed()
  }
}

export const allAnswers = async (
  client: Client,
  runId: string,
  options: { readonly hostIds?: boolean },
): Promise<Answers> => {
  const clusters: AnswerClusterView[] = []
  for (;;) {
    const page = await client.call(runRoutes.answers, {
      params: { id: runId },
      query: { limit: PAGE, skip: clusters.length, hostIds: String(options.hostIds ?? false) },
    })
    clusters.push(...page.clusters)
    if (page.more === 0 || page.clusters.length === 0) return { ...page, clusters, more: 0 }
  }
}
