// Answers as people read them on a terminal: identical outputs once, with the hosts that gave them.

import { type Client, type RunView, runRoutes } from '@omserver/api'
import { type EndReason, endAdvice, type HostState, hostStates } from '@omserver/core'
import { lang, say } from './lang.ts'
import { blue, bold, dim, green, print, red, yellow } from './terminal.ts'

const stateText: Record<HostState, { zh: string; en: string }> = {
  queued: { zh: '等待中', en: 'queued' },
  running: { zh: '执行中', en: 'running' },
  ok: { zh: '成功', en: 'ok' },
  failed: { zh: '失败', en: 'failed' },
  unreachable: { zh: '连接失败', en: 'unreachable' },
  timedOut: { zh: '超时', en: 'timed out' },
  skipped: { zh: '已跳过', en: 'skipped' },
  aborted: { zh: '已中止', en: 'aborted' },
  lost: { zh: '结果未知', en: 'lost' },
}

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
  run: Pick<RunView, 'counts' | 'total' | 'module' | 'state'>,
): string => {
  const ended = run.total - run.counts.queued - run.counts.running
  const parts = hostStates
    .filter((state) => run.counts[state] > 0)
    .map((state) => stateColour[state](`${stateText[state][lang]} ${run.counts[state]}`))
  return `${run.module}  ${ended}/${run.total}  ${parts.join('  ')}`
}

/** `web-[1-3],web-7 (+12)`: names as far as a line holds them. */
const nameList = (names: readonly string[], total: number): string => {
  const shown = names.slice(0, 8)
  return shown.join(',') + (total > shown.length ? ` (+${total - shown.length})` : '')
}

export const printAnswers = async (client: Client, runId: string): Promise<void> => {
  const answers = await client.call(runRoutes.answers, {
    params: { id: runId },
    query: { limit: 50 },
  })
  for (const cluster of answers.clusters) {
    const exit =
      cluster.exit === null
        ? ''
        : say({ zh: `，退出码 ${cluster.exit}`, en: `, exit ${cluster.exit}` })
    const count = say({
      zh: `${cluster.hosts} 台`,
      en: `${cluster.hosts} ${cluster.hosts === 1 ? 'host' : 'hosts'}`,
    })
    print(
      '',
      `${stateColour[cluster.state]('──')} ${bold(nameList(cluster.names, cluster.hosts))}  ${dim(`${count} ${stateText[cluster.state][lang]}${exit}`)}`,
      cluster.sample.output.replace(/\n+$/, ''),
    )
  }
  if (answers.more > 0) {
    print(
      '',
      dim(
        say({
          zh: `另有 ${answers.more} 组：om runs output ${runId}`,
          en: `${answers.more} more groups: om runs output ${runId}`,
        }),
      ),
    )
  }
  for (const group of answers.silent) {
    const advice = group.reason ? endAdvice[group.reason as EndReason] : undefined
    print(
      '',
      `${stateColour[group.state]('──')} ${bold(nameList(group.names, group.hosts))}  ${stateText[group.state][lang]}${advice ? `: ${advice.title[lang]}` : ''}`,
    )
    if (group.message) print(`   ${group.message}`)
    if (advice) print(dim(`   ${advice.advice[lang]}`))
  }
}
