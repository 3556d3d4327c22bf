// The leaf `call`: one method of a Func module, its result as JSON.

import type { CallAction, HostEnd, Json } from '@omserver/core'
import type { HostReport } from '../../driver.ts'
import type { RemoteError } from './answers.ts'
import { type JobEnd, runJob, stillRuns } from './job.ts'
import type { FuncTransport } from './transport.ts'
import { type FuncArgument, type FuncValue, jsonOf } from './value.ts'

/** `module.method`; a module may lie in another. `async.` is ours. */
const methodName = /^(?!async\.)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/

/** A driver answers within 2 s of its signal. */
const LAST_LOOK_MS = 1_500

const argumentOf = (json: Json): FuncArgument => json

/** Why it cannot be called as it is; undefined: it can. */
export const callProblem = (action: CallAction): string | undefined => {
  if (!methodName.test(action.function))
    return `"${action.function}" is not a method of a Func module`
  if (action.kwargs && Object.keys(action.kwargs).length > 0) {
    return 'Func knows no named arguments'
  }
  return undefined
}

const failed = async (
  { message, traceback }: RemoteError,
  report: HostReport,
): Promise<HostEnd> => {
  if (traceback !== '') await report.output('stderr', Buffer.from(`${traceback.trimEnd()}\n`))
  return { state: 'failed', reason: 'callFailed', message: message.slice(0, 500) }
}

const told = async (
  result: FuncValue,
  report: HostReport,
  encoding: string | undefined,
): Promise<HostEnd> => {
  const text = JSON.stringify(jsonOf(result, encoding), undefined, 2)
  await report.output('stdout', Buffer.from(`${text}\n`))
  return { state: 'ok' }
}

/** After `report.started()`. */
export const carryOutCall = async (
  transport: FuncTransport,
  action: CallAction,
  options: {
    readonly report: HostReport
    readonly signal: AbortSignal
    readonly connectTimeoutMs: number
    readonly encoding: string | undefined
  },
): Promise<HostEnd> => {
  const { report, signal, connectTimeoutMs, encoding } = options
  let id: string | undefined
  const args = action.args.map(argumentOf)
  let end: JobEnd = await runJob(transport, action.function, args, {
    connectTimeoutMs,
    signal,
    onId: (given) => {
      id = given
    },
  })
  if (signal.aborted && end.kind === 'lost' && id !== undefined) {
    const until = AbortSignal.timeout(LAST_LOOK_MS)
    end = (await stillRuns(transport, id, { connectTimeoutMs: LAST_LOOK_MS, signal: until })) ?? end
  }
  switch (end.kind) {
    case 'finished':
      return {
        ...(await told(end.result, report, encoding)),
        ...(signal.aborted && { leftRunning: 'no' }),
      }
    case 'error':
      return { ...(await failed(end.error, report)), ...(signal.aborted && { leftRunning: 'no' }) }
    case 'refused':
      return {
        state: 'failed',
        reason: 'callFailed',
        message: end.message.slice(0, 500),
        leftRunning: 'no',
      }
    case 'unsent':
      return signal.aborted
        ? { state: 'lost', message: end.message, leftRunning: 'no' }
        : {
            state: end.reason === 'callFailed' ? 'failed' : 'unreachable',
            reason: end.reason,
            message: end.message.slice(0, 500),
          }
    case 'lost':
      return {
        state: 'lost',
        reason: 'connectionCut',
        message: end.message.slice(0, 500),
        leftRunning: end.running ? 'yes' : 'unknown',
      }
  }
}
