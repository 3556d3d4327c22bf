// Follows a run begun in an IDC to its end, and prints what `om run` prints.

import type { RunEvent } from '@omserver/api'
import { cutDirect, type DirectSubmission } from '@omserver/core'
import type { DirectClient } from '@omserver/engine/client'
import { EXIT_HOSTS, EXIT_OK, type ExitCode } from '../exit.ts'
import { answerLines, summaryLine } from '../folded-answers.ts'
import { say } from '../lang.ts'
import { jsonLinesOf } from '../run-events.ts'
import { dim, isTty, print, printed, printJson, warn } from '../terminal.ts'
import { type Direct, directCommand } from './connect.ts'
import { foldAnswers } from './folded.ts'
import { type RunProgress, runProgress } from './run-progress.ts'

export type KnownHosts = ReadonlyMap<
  string,
  { readonly address: string; readonly encoding?: string }
>

/** Reads every slice of the run; `on` is told what changed. Resolves with what stops it. */
export const readRun = async (
  client: DirectClient,
  submission: DirectSubmission,
  known: KnownHosts,
  on: (events: readonly RunEvent[], progress: RunProgress) => void | Promise<void>,
): Promise<{
  readonly progress: RunProgress
  /** All that was there at the beginning has been read. */
  readonly caughtUp: Promise<unknown>
  /** The log is another one: what has not been read never will be. */
  readonly lost: Promise<void>
  readonly stop: () => Promise<void>
}> => {
  const progress = runProgress(submission, known)
  const lost = Promise.withResolvers<void>()
  const { epoch } = submission
  const slices = await Promise.all(
    cutDirect(submission).map(({ sliceId }) =>
      client.follow(
        { epoch, sliceId },
        async (entries) => {
          const events = entries.flatMap(({ event }) => progress.apply(event))
          if (events.length > 0) await on(events, progress)
        },
        lost.resolve,
      ),
    ),
  )
  return {
    progress,
    caughtUp: Promise.all(slices.map(({ caughtUp }) => caughtUp)),
    lost: lost.promise,
    stop: async () => {
      await Promise.all(slices.map(({ stop }) => stop()))
    },
  }
}

/** Resolves with the exit code the command ends with. */
export const followDirect = async (
  client: DirectClient,
  direct: Direct,
  run: { readonly submission: DirectSubmission; readonly known: KnownHosts },
  options: { readonly json?: boolean },
): Promise<ExitCode> => {
  const { submission, known } = run
  const { runId: id, module } = submission
  const total = submission.hosts.length
  const over = Promise.withResolvers<'ended' | 'left' | 'lost'>()
  const leave = () => {
    over.resolve('left')
    process.off('SIGINT', leave)
  }
  process.on('SIGINT', leave)
  // Whatever ends us before the run has ended, a closed pipe say: nobody has seen that all hosts are ok.
  process.exitCode = EXIT_HOSTS
  if (options.json) printJson({ type: 'run.started', id, module, total })
  const line = (progress: RunProgress): string =>
    summaryLine({
      module,
      total,
      state: progress.state(),
      counts: { ...progress.counts() },
      changed: progress.changed(),
    })
  const reading = await readRun(client, submission, known, async (events, progress) => {
    if (options.json) {
      for (const event of events) for (const one of jsonLinesOf(event, id)) printJson(one)
      await printed()
    } else if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K\u001b[?7l${line(progress)}\u001b[?7h`)
    }
    if (progress.ended() !== undefined) over.resolve('ended')
  })
  void reading.lost.then(() => over.resolve('lost'))
  const how = await over.promise
  process.off('SIGINT', leave)
  await reading.stop()
  if (isTty()) process.stderr.write('\r\u001b[K')
  const status = reading.progress.ended()
  if (how === 'ended' && status !== undefined) {
    const counts = { ...reading.progress.counts() }
    if (options.json) printJson({ type: 'run.ended', id, status, counts })
    else {
      const answers = foldAnswers(reading.progress.hosts(), (hostId) => known.get(hostId)?.encoding)
      print(...answerLines(answers, id), '', line(reading.progress), dim(id))
    }
    return status === 'succeeded' ? EXIT_OK : EXIT_HOSTS
  }
  warn(how === 'lost' ? lostText() : leftText(direct, id))
  return EXIT_HOSTS
}

const lostText = (): string =>
  say({
    zh: '该机房的消息存储已丢失：还没有结果的主机去向不明，由服务端记为“结果未知”。',
    en: 'The store of this IDC was lost: what became of hosts without an end is unknown, and the server will record them as "lost".',
  })

const leftText = (direct: Direct, id: string): string =>
  say({
    zh: `已停止跟随，执行仍在继续。\n  中止：${directCommand(direct, `runs abort ${id}`)}\n  继续跟随：${directCommand(direct, `runs follow ${id}`)}`,
    en: `Stopped following; the run goes on.\n  abort it:     ${directCommand(direct, `runs abort ${id}`)}\n  follow again: ${directCommand(direct, `runs follow ${id}`)}`,
  })
