// Turns a leaf action into one sh text and what it reads: the same for every driver that has a /bin/sh on the host.

import { type HostEnd, type HostLeaf, quote, type ScriptAction } from '@omserver/core'
import type { FedContent } from './fed-content.ts'
import type { Feed } from './feed.ts'
import { copyEnd, copyProgram } from './remote-copy.ts'
import { encodeForTerminal, TERMINAL_READER } from './run-as.ts'

export interface HostProgram {
  /** For `/bin/sh -c`, before `wrapRunAs`. Holds no secret: it can be seen in the host's process list. */
  readonly text: string
  /** What it reads; absent: nothing, give it /dev/null (or just end it). */
  readonly stdin?: Uint8Array
  /** Instead: what it is given when it asks for it. */
  readonly feed?: Feed
}

export interface OpenedLeaf {
  readonly action: HostLeaf
  /** The command of a shell leaf, rendered for this host. */
  readonly command?: string
  /** Values that anyone may see. */
  readonly env: Readonly<Record<string, string>>
  /** Values that travel on standard input (sshd rarely accepts variables, and arguments can be seen), one line each, and are read by the program before anything else. */
  readonly secretEnv: Readonly<Record<string, string>>
  /** What the command reads; the content, for a copy. */
  readonly input?: Uint8Array
  /** Of a copy that is too large for `input`. */
  readonly fed?: FedContent
  /** Hex SHA-256 of `input`, for a copy. */
  readonly inputHash?: string
}

export interface ProgramOptions {
  /** Of a copy: say what would change, change nothing. */
  readonly compare?: boolean
  /** Names this start among all others on the host, `[a-z0-9]+`: how it is found again to be stopped. Absent: named already. */
  readonly task?: string
  /** The program runs on a terminal; see `WrappedProgram.terminal`. */
  readonly terminal: boolean
}

/** In the environment of everything the program starts: `<task>.<pid of the program>`. */
export const TASK_VARIABLE = 'OM_TASK'

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Linux takes 128 KiB in one argument. */
export const COMMAND_MAX_BYTES = 120_000
export const TOO_LONG = `the command is longer than ${COMMAND_MAX_BYTES / 1000} kB: make it a script`

/** An account's name, a number with `#`, or a domain's account. Never an option of sudo or su. */
const accountName = /^[^-\s:'"\\/\0][^\s:'"/\0]{0,254}$/u

/** Why the leaf cannot be carried out as it is; undefined: it can. */
export const leafProblem = (leaf: OpenedLeaf): string | undefined => {
  for (const name of [...Object.keys(leaf.env), ...Object.keys(leaf.secretEnv)]) {
    if (!variableName.test(name)) return `"${name}" is not a name for an environment variable`
    if (name === TASK_VARIABLE) return `"${name}" is how OMServer finds its own programs on a host`
  }
  const { runAs } = leaf.action
  if (runAs !== undefined && !accountName.test(runAs.user)) {
    return `"${runAs.user}" is not the name of an account`
  }
  const values = [...Object.values(leaf.env), ...Object.values(leaf.secretEnv), leaf.command ?? '']
  if (leaf.action.kind !== 'copy') values.push(leaf.action.cwd ?? '')
  if (values.some((value) => value.includes('\0'))) {
    return 'a NUL character cannot be part of a command or an environment variable'
  }
  const seen = [leaf.command ?? '', ...Object.values(leaf.env)]
  const bytes = seen.reduce((sum, value) => sum + Buffer.byteLength(value), 0)
  return bytes > COMMAND_MAX_BYTES ? TOO_LONG : undefined
}

export const hostProgram = (leaf: OpenedLeaf, options: ProgramOptions): HostProgram => {
  const { action } = leaf
  const body = bodyOf(leaf, action, options)
  const secrets = Object.entries(leaf.secretEnv)
  const head = [
    ...(options.task === undefined
      ? []
      : [`${TASK_VARIABLE}=${options.task}.$$; export ${TASK_VARIABLE};`]),
    ...Object.entries(leaf.env).map(([name, value]) => `${name}=${quote(value)}; export ${name};`),
    ...secrets.map(([name, value]) => readSecret(name, value)),
    ...(action.kind !== 'copy' && action.cwd !== undefined
      ? [`cd -- ${quote(action.cwd)} || exit 126;`]
      : []),
  ].join(' ')
  const preamble = secrets.map(([, value]) => `${value}\n`).join('')
  const input = body.input
  if (body.feed) {
    const text = options.terminal
      ? `${head} ${TERMINAL_READER}; om_in | {\n${body.text}\n}`
      : `${head} ${body.text}`
    return { text, feed: body.feed }
  }
  if (options.terminal) return onTerminal(head, body.text, preamble, input)
  const stdin = join(preamble, input)
  // What follows the secrets is the command's own input: with none, it must see the end of file, not wait for us.
  const closed = input === undefined && preamble !== '' ? ' exec </dev/null;' : ''
  return { text: `${head}${closed} ${body.text}`, ...(stdin ? { stdin } : {}) }
}

const onTerminal = (
  head: string,
  text: string,
  preamble: string,
  input: Uint8Array | undefined,
): HostProgram => {
  if (input === undefined) {
    const stdin = join(preamble, undefined)
    return { text: `${head} exec </dev/null; ${text}`, ...(stdin ? { stdin } : {}) }
  }
  return {
    text: `${head} ${TERMINAL_READER}; om_in | {\n${text}\n}`,
    stdin: Buffer.from(preamble + encodeForTerminal(input)),
  }
}

const join = (preamble: string, input: Uint8Array | undefined): Uint8Array | undefined => {
  if (preamble === '') return input
  return Buffer.concat([Buffer.from(preamble), input ?? new Uint8Array()])
}

/** `read` is a builtin of every shell: the value is never an argument of a process. */
const readSecret = (name: string, value: string): string => {
  const lines = value.split('\n').length
  const first = `IFS= read -r ${name};`
  const rest =
    lines === 1
      ? ''
      : ` om_n=${lines - 1}; while [ $om_n -gt 0 ]; do IFS= read -r om_l; ${name}=$${name}'\n'$om_l; om_n=$((om_n-1)); done;`
  return `${first}${rest} export ${name};`
}

interface Body {
  readonly text: string
  readonly input?: Uint8Array
  readonly feed?: Feed
}

const bodyOf = (leaf: OpenedLeaf, action: HostLeaf, options: ProgramOptions): Body => {
  switch (action.kind) {
    case 'shell':
      return { text: leaf.command ?? '', input: leaf.input }
    case 'script':
      return scriptBody(action, leaf.input)
    case 'copy': {
      const { dest, mode, owner, backup } = action
      const { compare } = options
      const wanted = { dest, mode, owner, backup, compare }
      if (leaf.fed) {
        const { hash: sha256, size, folder } = leaf.fed
        const asks = `om-send-${options.task ?? sha256}`
        const text = copyProgram({ ...wanted, sha256, size, asks, folder })
        return { text, feed: { asks, content: leaf.fed } }
      }
      const input = leaf.input ?? new Uint8Array()
      const sha256 = leaf.inputHash ?? ''
      return { text: copyProgram({ ...wanted, sha256, size: input.length }), input }
    }
  }
}

/**
 * The script is read whole before its first line runs, and its own input is then something else: fed to
 * `bash` plainly, a line such as `ssh` or `read` would swallow the lines after it.
 */
const scriptBody = (action: ScriptAction, input: Uint8Array | undefined): Body => {
  const { interpreter } = action
  const args = (action.args ?? []).map((arg) => ` ${quote(arg)}`).join('')
  const found =
    interpreter === 'sh'
      ? ''
      : `command -v ${interpreter} >/dev/null 2>&1 || { echo '${missingText(interpreter)}' >&2; exit 127; }; `
  const content = Buffer.from(action.content)
  if (input === undefined) {
    const take = 'om_s=$(cat); exec </dev/null; eval "$om_s"'
    switch (interpreter) {
      case 'sh':
        return { text: `set --${args}; ${take}`, input: content }
      case 'bash':
        return { text: `${found}exec bash -c '${take}' bash${args}`, input: content }
      case 'python3':
      case 'perl':
        return { text: `${found}exec ${interpreter} -${args}`, input: content }
    }
  }
  const lines = action.content.split('\n').length
  const take = `om_n=${lines}; om_s=; while [ $om_n -gt 0 ]; do IFS= read -r om_l; om_s=$om_s$om_l$om_nl; om_n=$((om_n-1)); done`
  const both = Buffer.concat([content, Buffer.from('\n'), input])
  const newline = `om_nl=$(printf '\\nx'); om_nl=\${om_nl%x}; `
  switch (interpreter) {
    case 'sh':
      return { text: `set --${args}; ${newline}${take}; eval "$om_s"`, input: both }
    case 'bash':
      return {
        text: `${found}exec bash -c ${quote(`${newline}${take}; eval "$om_s"`)} bash${args}`,
        input: both,
      }
    case 'python3':
    case 'perl': {
      const flag = interpreter === 'perl' ? '-e' : '-c'
      return {
        text: `${found}${newline}${take}; exec ${interpreter} ${flag} "$om_s"${args}`,
        input: both,
      }
    }
  }
}

const missingText = (interpreter: string): string => `${interpreter} is not installed on this host`

/** The end of a host whose program ended by itself. `lastWords`: the last line it said on stderr. */
export const programEnd = (
  action: HostLeaf,
  exit: number,
  lastWords: string | undefined,
): HostEnd => {
  if (action.kind === 'copy') return copyEnd(exit, lastWords)
  const { okExit = [0], changedExit } = action
  if (changedExit?.includes(exit)) return { state: 'ok', exit, changed: true }
  if (okExit.includes(exit)) {
    return { state: 'ok', exit, ...(changedExit ? { changed: false } : {}) }
  }
  const message = lastWords ?? `ended with exit code ${exit}`
  return { state: 'failed', reason: 'exit', exit, message }
}

export const signalEnd = (signal: string): HostEnd => ({
  state: 'failed',
  reason: 'signal',
  signal,
  message: `ended by signal ${signal}`,
})
