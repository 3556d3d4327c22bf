// Answers as people read them on a terminal: identical outputs once, with the hosts that gave them.

import { type Client, type RunView, runRoutes } from '@omserver/api'
import { type EndReason, endAdvice, foldedNames, type HostState, hostStates } from '@omserver/core'
import { omCommand } from './invoked-as.ts'
import { lang, say } from './lang.ts'
import { stateText } from './state-text.ts'
import { blue, bold, dim, green, print, red, yellow } from './terminal.ts'

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
          zh: `另有 ${answers.more} 组：${omCommand} runs output ${runId}`,
          en: `${answers.more} more groups: ${omCommand} runs output ${runId}`,
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
