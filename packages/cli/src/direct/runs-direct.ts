// `om --direct URL --pki DIR runs …`: runs of this client, as the log of the IDC has them.

import type { DirectSubmission } from '@omserver/core'
import type { DirectClient } from '@omserver/engine/client'
import { answerLines, summaryLine } from '../folded-answers.ts'
import { lang, say } from '../lang.ts'
import { runStateText } from '../state-text.ts'
import { print, printJson } from '../terminal.ts'
import { connectDirect, type Direct } from './connect.ts'
import { foldAnswers } from './folded.ts'
import { followDirect, readRun } from './follow-direct.ts'
import { saidHere } from './said-here.ts'

interface Json {
  readonly json?: boolean
}

const withRun = (
  direct: Direct,
  id: string,
  work: (client: DirectClient, submission: DirectSubmission) => Promise<void>,
): Promise<void> =>
  saidHere(async () => {
    const client = await connectDirect(direct)
    try {
      await work(client, await client.find(id))
    } finally {
      await client.close()
    }
  })

export const showDirect = (direct: Direct, id: string, options: Json): Promise<void> =>
  withRun(direct, id, async (client, submission) => {
    const { module, selector, at, idc } = submission
    const reading = await readRun(client, submission, new Map(), () => undefined)
    await Promise.race([reading.caughtUp, reading.lost])
    await reading.stop()
    const { progress } = reading
    const shown = {
      id,
      idc,
      module,
      selector,
      client: submission.client,
      begunAt: at,
      state: progress.state(),
      total: submission.hosts.length,
      counts: { ...progress.counts() },
    }
    if (options.json) return printJson(shown)
    print(
      summaryLine(shown),
      `${say({ zh: '状态', en: 'state' })}: ${runStateText[shown.state][lang]}`,
      `${say({ zh: '操作对象', en: 'selector' })}: ${selector}`,
      `${say({ zh: '客户端', en: 'client' })}: ${submission.client}`,
      `${say({ zh: '发起', en: 'begun' })}: ${new Date(at).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { hour12: false })}`,
      ...answerLines(
        foldAnswers(progress.hosts(), () => undefined),
        id,
      ),
    )
  })

export const followRunDirect = (direct: Direct, id: string, options: Json): Promise<void> =>
  withRun(direct, id, async (client, submission) => {
    process.exitCode = await followDirect(client, direct, { submission, known: new Map() }, options)
  })

/** Also somebody else's, for an administrator: whether that may be, the controllers say. */
export const abortDirect = (direct: Direct, id: string, options: Json): Promise<void> =>
  saidHere(async () => {
    const client = await connectDirect(direct)
    try {
      await client.abort(id)
    } finally {
      await client.close()
    }
    if (options.json) return printJson({ id, aborting: true })
    print(say({ zh: `正在中止 ${id}。`, en: `Aborting ${id}.` }))
  })
