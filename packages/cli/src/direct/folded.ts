// Answers of a run begun in an IDC, folded as the server folds them.

import type { AnswerOf, HostResultView, runRoutes } from '@omserver/api'
import { decodeOutput, isEnd, stripTerminal } from '@omserver/core'

type Answers = AnswerOf<typeof runRoutes.answers>
interface Ended {
  readonly result: HostResultView
  readonly output: Uint8Array
}

const NAMES = 200

export const foldAnswers = (
  hosts: readonly Ended[],
  encodingOf: (hostId: string) => string | undefined,
): Answers => {
  const ended = hosts.filter(({ result }) => isEnd(result.state))
  const answered = Map.groupBy(
    ended.filter(({ result }) => result.answer !== null),
    ({ result }) => `${result.answer} ${result.state}`,
  )
  const silent = Map.groupBy(
    ended.filter(({ result }) => result.answer === null),
    ({ result: { state, reason, leftRunning, startedAt, message } }) =>
      JSON.stringify([state, reason, leftRunning, startedAt === null, message]),
  )
  return {
    clusters: [...answered.values()].flatMap((members) => {
      const [first] = members
      if (!first) return []
      const { result, output } = first
      const { hostId, name, address, outputBytes, truncated } = result
      const text = stripTerminal(decodeOutput(output, encodingOf(hostId)))
      return {
        answer: result.answer ?? '',
        hosts: members.length,
        exit: result.exit,
        state: result.state,
        reason: result.reason,
        message: result.message,
        changed: result.changed,
        sample: {
          hostId,
          name,
          address,
          output: text,
          truncated: truncated || outputBytes > output.length,
          outputBytes,
        },
        names: namesOf(members),
      }
    }),
    silent: [...silent.values()].flatMap((members) => {
      const [first] = members
      if (!first) return []
      const { state, reason, leftRunning, startedAt, message } = first.result
      return {
        state,
        reason,
        started: startedAt !== null,
        leftRunning,
        hosts: members.length,
        names: namesOf(members),
        message,
      }
    }),
    waiting: hosts.length - ended.length,
    more: 0,
  } as Answers
}

const namesOf = (members: readonly Ended[]): string[] =>
  members.slice(0, NAMES).map(({ result }) => result.name)
