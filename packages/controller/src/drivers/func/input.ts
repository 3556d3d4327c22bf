// Brings bytes to a host as a file that only root can read. Not in an argument: a list of processes shows those, and
// funcd writes the arguments of every call into its log, where bytes stand as an object without content.

import { quote } from '@omserver/core'
import { encodeForTerminal, TERMINAL_READER } from '../../run-as.ts'
import { commandResultOf, faultMessage, remoteErrorOf } from './answers.ts'
import type { Answer, CallOptions, FuncTransport } from './transport.ts'
import { type FuncArgument, textOf } from './value.ts'

/** A third more as base64, and funcd holds it several times over. */
const CHUNK_BYTES = 1024 * 1024
/** Through a command line of the host: encoded, a byte may take five. */
const TYPED_CHUNK_BYTES = 16 * 1024
const TYPED_MAX_BYTES = 256 * 1024

export type Brought =
  | { readonly kind: 'there'; readonly file: string; readonly folder: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'cut' }

const NEW_FOLDER = `umask 077; mktemp -d "\${TMPDIR:-/tmp}/om-in-XXXXXXXXXX"`

export const removeFolder = (folder: string): string => `rm -rf -- ${quote(folder)}`

const problemOf = (answer: Exclude<Answer, { kind: 'value' }>): Brought => {
  if (answer.kind === 'fault') return { kind: 'failed', message: faultMessage(answer.text) }
  return answer.kind === 'unsent' ? { kind: 'failed', message: answer.message } : { kind: 'cut' }
}

/** The folder goes with the file: `removeFolder`. */
export const bringInput = async (
  transport: FuncTransport,
  bytes: Uint8Array,
  options: CallOptions,
): Promise<Brought> => {
  const call = (method: string, ...args: FuncArgument[]): Promise<Answer> =>
    transport.call(method, args, options)
  if (!transport.takesBytes && bytes.length > TYPED_MAX_BYTES) {
    return {
      kind: 'failed',
      message: `more than ${TYPED_MAX_BYTES / 1024} KiB cannot be passed through func-transmit`,
    }
  }
  const made = await call('command.run', NEW_FOLDER)
  if (made.kind !== 'value') return problemOf(made)
  const folder = folderIn(made.value)
  if (folder === undefined) {
    const why = remoteErrorOf(made.value)?.message ?? 'no folder for what the command reads'
    return { kind: 'failed', message: why }
  }
  const file = `${folder}/in`
  const failed = async (answer: Answer): Promise<Brought> => {
    await call('command.run', removeFolder(folder))
    if (answer.kind !== 'value') return problemOf(answer)
    const why = remoteErrorOf(answer.value)?.message ?? `cannot write ${file}`
    return { kind: 'failed', message: why }
  }
  if (transport.takesBytes) {
    // Mode first, content afterwards.
    const opened = await call('copyfile.open', file, 0o600)
    if (opened.kind !== 'value' || textOf(opened.value) !== file) return failed(opened)
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES)
      const appended = await call('copyfile.append', file, chunk)
      if (appended.kind !== 'value' || appended.value !== 1) return failed(appended)
    }
    return { kind: 'there', file, folder }
  }
  const empty = await call('command.run', `umask 077; : >${quote(file)}`)
  if (empty.kind !== 'value') return failed(empty)
  for (let at = 0; at < bytes.length; at += TYPED_CHUNK_BYTES) {
    const appended = await call(
      'command.run',
      typed(bytes.subarray(at, at + TYPED_CHUNK_BYTES), `cat >>${quote(file)}`),
    )
    if (appended.kind !== 'value' || commandResultOf(appended.value)?.exit !== 0) {
      return failed(appended)
    }
  }
  return { kind: 'there', file, folder }
}

/** Hostile input: it becomes part of a command line, quoted, and is removed. */
const folderIn = (value: Parameters<typeof commandResultOf>[0]): string | undefined => {
  const result = commandResultOf(value)
  const said = result && Buffer.from(result.stdout).toString('utf8').trim()
  return said !== undefined && /^\/[\w./-]*\/om-in-\w{10}$/.test(said) ? said : undefined
}

/** Sh text that has `program` read these bytes. Plain ASCII, as Python 2 wants its command lines. */
export const typed = (bytes: Uint8Array, program: string): string =>
  `${TERMINAL_READER}\nom_put() { om_in <<'om-end'\n${encodeForTerminal(bytes)}om-end\n}\nom_put | ${program}`
