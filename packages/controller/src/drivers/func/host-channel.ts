// Speaks to the shell of a host by command.run, which says nothing before it has ended.

import { type HostEnd, quote } from '@omserver/core'
import type { ChannelEnd, ChannelRun, HostChannel } from '../../host-channel.ts'
import { COMMAND_MAX_BYTES, TOO_LONG } from '../../host-program.ts'
import { createGate, wrapRunAs } from '../../run-as.ts'
import { type CommandResult, commandResultOf, faultMessage, remoteErrorOf } from './answers.ts'
import { bringInput, removeFolder, typed } from './input.ts'
import { runJob } from './job.ts'
import { reach } from './reach.ts'
import type { CallOptions, FuncTransport } from './transport.ts'
import type { FuncValue } from './value.ts'

/** Encoded, it shares a command line with the text that reads it. */
const TYPED_MAX_BYTES = 8 * 1024
/** For texts that only look: the longest takes some nine seconds where nothing is busy. */
const LOOK_MS = 30_000
const CLEAN_MS = 10_000

const unsent = (end: HostEnd): ChannelEnd => ({ kind: 'unsent', end })

const callFailed = (message: string): ChannelEnd =>
  unsent({ state: 'failed', reason: 'callFailed', message: message.slice(0, 500) })

/** In hex digits: old funcds send text as it comes, and JSON takes no bytes at all. */
const asHex = (text: string): string => `( ${text}\n) | od -An -v -tx1`

const bytesOfHex = (hex: Uint8Array): Buffer =>
  Buffer.from(Buffer.from(hex).toString('latin1').replace(/\s+/g, ''), 'hex')

/** Python 2 takes a command line of ASCII only. */
const isPlain = (text: string): boolean => /^[\t\n\x20-\x7e]*$/.test(text)

export const funcChannel = (parts: {
  readonly transport: FuncTransport
  readonly newToken: () => string
  readonly connectTimeoutMs: number
  /** What a command reads may be seen by whoever lists the processes of the host. */
  readonly mayBeSeen: boolean
}): HostChannel => {
  const { transport, newToken, connectTimeoutMs, mayBeSeen } = parts

  const run = async (work: ChannelRun): Promise<ChannelEnd> => {
    const { signal, input, urgent } = work
    const wrapped = wrapRunAs(asHex(work.text), work.runAs, {
      hasPassword: false,
      token: newToken(),
    })
    const program = work.runAs ? wrapped.argv.map(quote).join(' ') : asHex(work.text)
    if (Buffer.byteLength(program) + 2 * TYPED_MAX_BYTES > COMMAND_MAX_BYTES)
      return callFailed(TOO_LONG)
    const gate = wrapped.gate && createGate(wrapped.gate)
    const options: CallOptions = {
      connectTimeoutMs,
      timeoutMs: LOOK_MS,
      signal,
      ...(urgent ? { urgent } : {}),
    }

    if (work.beforeSend) {
      const failure = await reach(transport, { connectTimeoutMs, signal })
      if (failure) return unsent({ state: 'unreachable', ...failure })
      await work.beforeSend()
      if (signal.aborted) return unsent({ state: 'lost', leftRunning: 'no' })
    }

    const deliver = async (result: CommandResult): Promise<ChannelEnd> => {
      if (gate) {
        gate.push(Buffer.from(result.stderr))
        if (!gate.isOpen()) return { kind: 'barred', message: gate.refusal() }
      }
      await work.onOutput('stdout', bytesOfHex(result.stdout))
      return { kind: 'exited' }
    }
    const understand = (value: FuncValue): Promise<ChannelEnd> | ChannelEnd => {
      const error = remoteErrorOf(value)
      if (error) return callFailed(error.message)
      const result = commandResultOf(value)
      return result ? deliver(result) : { kind: 'cut' }
    }

    const command = async (text: string): Promise<ChannelEnd> => {
      if (!isPlain(text))
        return callFailed('an account or a folder of this command has a name that Func cannot take')
      if (!work.beforeSend) {
        const answer = await transport.call('command.run', [text], options)
        switch (answer.kind) {
          case 'value':
            return understand(answer.value)
          case 'fault':
            return callFailed(faultMessage(answer.text))
          case 'unsent':
            return unsent({ state: 'unreachable', reason: answer.reason, message: answer.message })
          case 'cut':
            return { kind: 'cut' }
        }
      }
      const job = await runJob(transport, 'command.run', [text], { connectTimeoutMs, signal })
      switch (job.kind) {
        case 'finished':
          return understand(job.result)
        case 'error':
          return callFailed(job.error.message)
        case 'refused':
          return callFailed(job.message)
        case 'unsent':
          return unsent({ state: 'unreachable', reason: job.reason, message: job.message })
        // Whoever attaches sees whether it was begun.
        case 'lost':
          return { kind: 'cut' }
      }
    }

    if (input === undefined) return command(`exec </dev/null; ${program}`)
    if (mayBeSeen && input.length <= TYPED_MAX_BYTES) return command(typed(input, program))
    const brought = await bringInput(transport, input, options)
    if (brought.kind === 'cut')
      return callFailed('what the command reads did not arrive; nothing was begun')
    if (brought.kind === 'failed') return callFailed(brought.message)
    const { file, folder } = brought
    const remove = removeFolder(folder)
    const ended = await command(`exec <${quote(file)}; ${remove}; ${program}`)
    if (ended.kind !== 'exited') {
      // Perhaps nobody has read it; it must not stay.
      void transport.call('command.run', [remove], {
        connectTimeoutMs,
        timeoutMs: CLEAN_MS,
        signal: AbortSignal.timeout(CLEAN_MS),
      })
    }
    return ended
  }

  return {
    afterwards: true,
    run: (work) =>
      run(work).catch((error: unknown) => {
        const message = error instanceof Error ? error.message.slice(0, 500) : ''
        return unsent({ state: 'failed', reason: 'driverError', message })
      }),
    // funcd is root: nobody is asked for a password.
    onTerminal: () => false,
  }
}
