// Whether a funcd answers at all, before anything is counted as begun.

import type { Failure } from '../../failure.ts'
import { remoteErrorOf } from './answers.ts'
import type { FuncTransport } from './transport.ts'

/** undefined: it does. It may still refuse what comes: each method has an access list of its own. */
export const reach = async (
  transport: FuncTransport,
  { connectTimeoutMs, signal }: { readonly connectTimeoutMs: number; readonly signal: AbortSignal },
): Promise<Failure | undefined> => {
  const timeoutMs = transport.takesBytes ? connectTimeoutMs : connectTimeoutMs * 2
  const answer = await transport.call('test.ping', [], { connectTimeoutMs, timeoutMs, signal })
  switch (answer.kind) {
    case 'fault':
      return undefined
    case 'unsent':
      return { reason: answer.reason, message: answer.message }
    case 'cut':
      if (answer.closed) {
        return {
          reason: 'tlsFailed',
          message: `${answer.message}: it may not accept our certificate`,
        }
      }
      return { reason: 'connectTimeout', message: answer.message }
    case 'value': {
      // An overlord gives its own errors in the place of the host's answer.
      const error = transport.takesBytes ? undefined : remoteErrorOf(answer.value)
      return (
        error && {
          reason: 'jumpFailed',
          message: `the overlord does not reach the host: ${error.message}`,
        }
      )
    }
  }
}
