// Watches a run to its end: JSON lines for a program, a progress line and folded answers for a person.

import { type Client, type RunView, runRoutes } from '@omserver/api'
import { EXIT_HOSTS, EXIT_OK, type ExitCode } from './exit.ts'
import { printAnswers, summaryLine } from './folded-answers.ts'
import { omCommand } from './invoked-as.ts'
import { say } from './lang.ts'
import { jsonLinesOf } from './run-events.ts'
import { readTaskLines } from './task-lines.ts'
import { dim, isTty, print, printed, printJson, warn } from './terminal.ts'

/** Resolves with the exit code the command ends with. */
export const follow = async (
  client: Client,
  run: RunView,
  options: { readonly json?: boolean },
): Promise<ExitCode> => {
  const leave = new AbortController()
  const detach = () => {
    leave.abort()
    process.off('SIGINT', detach)
  }
  // The first Ctrl-C only stops watching: ending other people's work takes a command of its own.
  process.on('SIGINT', detach)
  // Whatever ends us before the run has ended, a closed pipe say: nobody has seen that all hosts are ok.
  process.exitCode = EXIT_HOSTS
  try {
    const code = await (options.json ? followJson : followLine)(client, run, leave.signal)
    if (code !== undefined) return code
    if (isTty()) process.stderr.write('\r\u001b[K')
    warn(
      say({
        zh: `已停止跟随，执行仍在继续。\n  中止：${omCommand} runs abort ${run.id}\n  继续跟随：${omCommand} runs follow ${run.id}`,
        en: `Stopped following; the run goes on.\n  abort it:     ${omCommand} runs abort ${run.id}\n  follow again: ${omCommand} runs follow ${run.id}`,
      }),
    )
    return EXIT_HOSTS
  } finally {
    process.off('SIGINT', detach)
  }
}

/** undefined: nobody watches any more, the run has not ended. */
type Ending = Promise<ExitCode | undefined>

const followJson = async (client: Client, run: RunView, signal: AbortSignal): Ending => {
  printJson({ type: 'run.started', id: run.id, module: run.module, total: run.total })
  const events = client.events(runRoutes.events, {
    params: { id: run.id },
    query: { form: 'each', output: '*' },
    signal,
  })
  for await (const { data } of events) {
    for (const line of jsonLinesOf(data, run.id)) printJson(line)
    await printed()
    if (data.type === 'run.ended') return exitCodeOf(data.status)
  }
  return undefined
}

const followLine = async (client: Client, run: RunView, signal: AbortSignal): Ending => {
  const events = client.events(runRoutes.events, {
    params: { id: run.id },
    query: { form: 'hosts' },
    signal,
  })
  let latest = run
  for await (const { data } of events) {
    if (data.type === 'run.snapshot' || data.type === 'run.changed') latest = data.run
    if (data.type === 'hosts.changed') latest = { ...latest, counts: data.counts }
    // Cut at the edge: a line that wraps would be written anew below itself at every change.
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K\u001b[?7l${summaryLine(latest)}\u001b[?7h`)
    }
    if (data.type !== 'run.ended') continue
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
    await printAnswers(client, run.id)
    print(...(await readTaskLines(client, run.id)))
    print('', summaryLine({ ...latest, state: data.status, counts: data.counts }), dim(run.id))
    return exitCodeOf(data.status)
  }
  return undefined
}

const exitCodeOf = (state: RunView['state']): ExitCode =>
  state === 'succeeded' ? EXIT_OK : EXIT_HOSTS
