// Calls a funcd through func-transmit on its overlord: for a funcd that speaks only SSLv3, which nothing here does.

import { type HostEnd, type Json, stripTerminal, type TargetHost } from '@omserver/core'
import type { Driver, HostReport } from '../../driver.ts'
import type { Answer, CallOptions, FuncTransport } from './transport.ts'
import { type FuncArgument, valueOfJson } from './value.ts'
import { ANSWER_MAX_BYTES } from './xml-rpc-response.ts'

/** What func takes for a pattern, a list or a group. */
const isPattern = /[*?[\]@;\s/]/

const jsonArgument = (value: FuncArgument): Json => {
  if (value instanceof Uint8Array) throw new Error('bytes cannot be passed through func-transmit')
  if (Array.isArray(value)) return value.map(jsonArgument)
  if (typeof value !== 'object' || value === null) return value as Json
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonArgument(one)]))
}

/** The host behind the last jump is the overlord; the funcd itself is reached by nobody but it. */
export const overlordOf = (host: TargetHost): TargetHost | undefined => {
  const access = host.jumps.at(-1)
  if (!access) return undefined
  const { address } = access
  return { hostId: host.hostId, name: address, access, jumps: host.jumps.slice(0, -1), vars: {} }
}

export const transmitTransport = (parts: {
  readonly ssh: Driver
  readonly overlord: TargetHost
  readonly name: string
  readonly runId: string
  readonly keySeen: HostReport['keySeen']
}): FuncTransport => {
  const { ssh, overlord, name, runId } = parts

  const run = async (
    input: string,
    options: CallOptions,
  ): Promise<{
    readonly end: HostEnd
    readonly sent: boolean
    readonly said: Buffer
    readonly more: boolean
  }> => {
    const said: Buffer[] = []
    let bytes = 0
    let sent = false
    const end = await ssh.carryOut(
      {
        runId,
        host: overlord,
        // Its name and nothing else is in a list of processes; what is called is on its input.
        action: { kind: 'shell', command: ['exec func-transmit --json'], stdin: input },
        connectTimeoutMs: options.connectTimeoutMs,
      },
      {
        started: async () => {
          sent = true
        },
        output: (stream, chunk) => {
          if (stream !== 'stdout') return undefined
          bytes += chunk.length
          if (bytes <= ANSWER_MAX_BYTES) said.push(Buffer.from(chunk))
          return undefined
        },
        step: () => undefined,
        missed: () => undefined,
        elapsed: () => undefined,
        stored: Promise.resolve(true),
        keySeen: parts.keySeen,
      },
      AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
    )
    return { end, sent, said: Buffer.concat(said), more: bytes > ANSWER_MAX_BYTES }
  }

  const call = async (
    method: string,
    args: readonly FuncArgument[],
    options: CallOptions,
  ): Promise<Answer> => {
    if (isPattern.test(name)) {
      const message = `func takes the name ${name} for a pattern of names`
      return { kind: 'unsent', reason: 'callFailed', message }
    }
    const dot = method.lastIndexOf('.')
    const question = {
      clients: name,
      async: false,
      nforks: 1,
      module: method.slice(0, dot),
      method: method.slice(dot + 1),
      parameters: args.map(jsonArgument),
    }
    const { end, sent, said, more } = await run(JSON.stringify(question), options)
    if (end.state === 'unreachable') {
      const { reason = 'jumpFailed', message = '' } = end
      const shown = reason === 'hostKeyChanged' || reason === 'noCredential' ? reason : 'jumpFailed'
      return { kind: 'unsent', reason: shown, message: `overlord: ${message}` }
    }
    if (end.exit === 127) {
      return {
        kind: 'unsent',
        reason: 'tlsFailed',
        message: 'there is no func-transmit on the overlord',
      }
    }
    if (end.state !== 'ok') {
      const why = end.message ?? 'the call was given up'
      const message = `func-transmit on the overlord: ${why}`.slice(0, 500)
      // It has looked for the host by its certificate, and found none.
      if (!sent || /find any minions/.test(why))
        return { kind: 'unsent', reason: 'tlsFailed', message }
      return { kind: 'cut', message }
    }
    if (more)
      return {
        kind: 'cut',
        message: `the answer is larger than ${ANSWER_MAX_BYTES / 1024 / 1024} MB`,
      }
    return answerIn(said, name)
  }

  return { takesBytes: false, call }
}

const answerIn = (said: Buffer, name: string): Answer => {
  let parsed: unknown
  try {
    parsed = JSON.parse(said.toString('utf8'))
  } catch {
    const words = stripTerminal(said.toString('utf8', 0, 300))
      .replace(/\s+/g, ' ')
      .trim()
    return { kind: 'cut', message: `func-transmit did not answer in JSON: ${words}` }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { kind: 'cut', message: 'func-transmit answered without names of hosts' }
  }
  const found = Object.entries(parsed).find(([key]) => key.toLowerCase() === name.toLowerCase())
  if (!found) return { kind: 'cut', message: `func-transmit answered nothing of ${name}` }
  // Parsed from JSON a few lines above.
  return { kind: 'value', value: valueOfJson(found[1] as Json) }
}
