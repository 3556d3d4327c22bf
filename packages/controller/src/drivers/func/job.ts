// A call as a job on the host: begun once, asked for until it has ended, whatever becomes of single connections.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Failure } from '../../failure.ts'
import { faultMessage, jobStatusOf, type RemoteError, remoteErrorOf } from './answers.ts'
import type { FuncTransport } from './transport.ts'
import { type FuncArgument, type FuncValue, textOf } from './value.ts'

export type JobEnd =
  | { readonly kind: 'finished'; readonly result: FuncValue }
  | { readonly kind: 'error'; readonly error: RemoteError }
  | { readonly kind: 'refused'; readonly message: string }
  /** Nothing reached the host. */
  | ({ readonly kind: 'unsent' } & Failure)
  /** It may have run, or may run now. `running`: it did when we last asked. */
  | { readonly kind: 'lost'; readonly message: string; readonly running: boolean }

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2_000
/** While the host cannot be reached. */
const LONGEST_SILENCE_MS = 15_000
const GROWTH = 1.5
/** A host that is busy takes its time; a socket is not held for longer. */
const ANSWER_MS = 20_000

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)

export interface JobOptions {
  readonly connectTimeoutMs: number
  readonly signal: AbortSignal
  /** Told once, when the host has it. */
  readonly onId?: (id: string) => void
}

/** Resolves soon after the signal as `lost`; nothing on the host is ended by that. Never rejects. */
export const runJob = async (
  transport: FuncTransport,
  method: string,
  args: readonly FuncArgument[],
  { connectTimeoutMs, signal, onId }: JobOptions,
): Promise<JobEnd> => {
  const options = { connectTimeoutMs, timeoutMs: ANSWER_MS, signal }
  const begun = await transport.call(`async.${method}`, args, options)
  switch (begun.kind) {
    case 'unsent':
      return begun
    case 'fault':
      return { kind: 'refused', message: faultMessage(begun.text) }
    case 'cut':
      return { kind: 'lost', message: begun.message, running: false }
  }
  const error = remoteErrorOf(begun.value)
  if (error) return { kind: 'error', error }
  const id = textOf(begun.value)
  if (id === undefined || id === '' || id.length > 200) {
    return {
      kind: 'lost',
      message: 'the host answered without the number of the job',
      running: false,
    }
  }
  onId?.(id)
  let wait = FIRST_PAUSE_MS
  let running = true
  let said = 'nobody asks for the job any more'
  for (;;) {
    await pause(wait, signal)
    if (signal.aborted) return { kind: 'lost', message: said, running }
    const asked = await transport.call('jobs.job_status', [id], options)
    if (asked.kind === 'value') {
      const status = jobStatusOf(asked.value)
      switch (status?.kind) {
        case 'finished':
        case 'error':
          return status
        case 'lost':
          return {
            kind: 'lost',
            message: `the host knows nothing of the job ${id} any more: funcd was restarted, or an hour has passed`,
            running: false,
          }
        case 'running':
          running = true
          wait = Math.min(wait * GROWTH, LONGEST_PAUSE_MS)
          continue
        case undefined: {
          const message = remoteErrorOf(asked.value)?.message ?? 'no state of a job'
          return {
            kind: 'lost',
            message: `the host was asked for the job ${id}: ${message}`,
            running: false,
          }
        }
      }
    }
    // A connection may fail: the job goes on without it.
    running = false
    said = asked.kind === 'fault' ? faultMessage(asked.text) : asked.message
    if (asked.kind === 'fault') return { kind: 'lost', message: said, running }
    wait = Math.min(wait * 2, LONGEST_SILENCE_MS)
  }
}

/** What the host says of a job right now. */
export const stillRuns = async (
  transport: FuncTransport,
  id: string,
  options: { readonly connectTimeoutMs: number; readonly signal: AbortSignal },
): Promise<JobEnd | undefined> => {
  const asked = await transport.call('jobs.job_status', [id], {
    ...options,
    timeoutMs: options.connectTimeoutMs,
    urgent: true,
  })
  const status = asked.kind === 'value' ? jobStatusOf(asked.value) : undefined
  if (status?.kind === 'finished' || status?.kind === 'error') return status
  return status?.kind === 'running'
    ? { kind: 'lost', message: 'it runs on the host', running: true }
    : undefined
}
