// What funcd's answers mean: errors that are no faults, states of jobs, results of commands.

import { stripTerminal } from '@omserver/core'
import { type FuncValue, isList, textOf } from './value.ts'

export interface RemoteError {
  /** `ExceptionName: text`, and where. One line. */
  readonly message: string
  /** As Python printed it. */
  readonly traceback: string
}

const oneLine = (text: string): string => stripTerminal(text).replace(/\s+/g, ' ').trim()

/** `File "…/command.py", line 41, in run`: the last place of a traceback. */
const placeIn = (traceback: string): string | undefined => {
  const places = [...traceback.matchAll(/File "([^"\n]{1,300})", line (\d+)(?:, in (\S{1,80}))?/g)]
  const last = places.at(-1)
  if (!last) return undefined
  const [, file, line, name] = last
  return `${file}:${line}${name === undefined ? '' : ` in ${name}`}`
}

/** ["REMOTE_ERROR", name, text, traceback] */
export const remoteErrorOf = (value: FuncValue): RemoteError | undefined => {
  if (!isList(value) || value.length > 6 || textOf(value[0]) !== 'REMOTE_ERROR') return undefined
  const [name = '', text = '', traceback = ''] = value.slice(1).map((one) => textOf(one) ?? '')
  // Old ones say `exceptions.OSError`, new ones `<class 'OSError'>`.
  const short = oneLine(name).replace(/^<(?:class|type) '(.*)'>$/, '$1')
  const place = placeIn(traceback)
  const said = [short, oneLine(text)].filter((part) => part !== '').join(': ')
  const message = `${said.slice(0, 380) || 'an error without words'}${place ? ` (${place.slice(-110)})` : ''}`
  return { message, traceback }
}

export const faultMessage = (text: string): string =>
  text.includes('AccessToMethodDenied')
    ? 'the access list of the host does not allow this method to our certificate (AccessToMethodDenied)'
    : `the host refused the call: ${oneLine(text).slice(0, 300)}`

export type JobStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'finished'; readonly result: FuncValue }
  | { readonly kind: 'error'; readonly error: RemoteError }
  /** The host knows nothing of it: it was restarted, or an hour has passed. */
  | { readonly kind: 'lost' }

const RUNNING = 0
const FINISHED = 1
const LOST = 2
/** Only an overlord says this, of a job whose hosts have not all ended. */
const PARTIAL = 3
const REMOTE_ERROR = 4

/** undefined: no answer that we know. */
export const jobStatusOf = (value: FuncValue): JobStatus | undefined => {
  if (!isList(value)) return undefined
  const [state, result = null] = value
  switch (state) {
    case RUNNING:
    case PARTIAL:
      return { kind: 'running' }
    case LOST:
      return { kind: 'lost' }
    case FINISHED:
    case REMOTE_ERROR: {
      const error = remoteErrorOf(result)
      if (error) return { kind: 'error', error }
      return state === FINISHED
        ? { kind: 'finished', result }
        : {
            kind: 'error',
            error: { message: oneLine(textOf(result) ?? 'an error without words'), traceback: '' },
          }
    }
  }
  return undefined
}

export interface CommandResult {
  readonly exit: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

const bytesOf = (value: FuncValue | undefined): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array()

/** Of command.run. */
export const commandResultOf = (value: FuncValue): CommandResult | undefined => {
  if (!isList(value)) return undefined
  const [exit, stdout, stderr] = value
  if (typeof exit !== 'number') return undefined
  return { exit, stdout: bytesOf(stdout), stderr: bytesOf(stderr) }
}
