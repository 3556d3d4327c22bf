// Runs a program under another account of the host, by sudo or su, and knows for certain whether it was let in.

import type { RunAs } from '@omserver/core'

export type RunAsAccount = Pick<RunAs, 'user' | 'method'>

/** How the host starts the program. Pass `argv` to a process, or through `commandLine` to a login shell. */
export interface WrappedProgram {
  readonly argv: readonly string[]
  /**
   * The program needs a terminal, because su asks for its password on one. Its two streams then come as one, and
   * what it reads must be encoded with `encodeForTerminal`.
   */
  readonly terminal: boolean
  /** Present when another account is entered: nothing but the password may be sent before the gate opens. */
  readonly gate?: GateSpec
}

export interface GateSpec {
  /** The program's first words on the other side; unguessable, so that no banner or lecture can say it. */
  readonly token: string
  readonly user: string
  readonly method: 'sudo' | 'su'
  readonly terminal: boolean
}

export const needsTerminal = (runAs: RunAsAccount | undefined, hasPassword: boolean): boolean =>
  runAs?.method === 'su' && hasPassword

/**
 * @param program POSIX sh text
 * @param token made anew for each start, `[a-z0-9]+`
 */
export const wrapRunAs = (
  program: string,
  runAs: RunAsAccount | undefined,
  options: { readonly hasPassword: boolean; readonly token: string },
): WrappedProgram => {
  if (runAs === undefined) return { argv: ['/bin/sh', '-c', program], terminal: false }
  const { user, method } = runAs
  const terminal = needsTerminal(runAs, options.hasPassword)
  const token = `om-in-${options.token}`
  const gate: GateSpec = { token, user, method, terminal }
  const inside = terminal
    ? `stty raw -echo; echo ${token}; TERM=dumb; PAGER=cat; SYSTEMD_PAGER=cat; export TERM PAGER SYSTEMD_PAGER; ${program}`
    : `echo ${token} >&2; ${program}`
  if (method === 'su') {
    return { argv: ['su', '-s', '/bin/sh', user, '-c', inside], terminal, gate }
  }
  const asking = options.hasPassword ? ['-S', '-p', promptOf(token)] : ['-n']
  return {
    argv: ['sudo', ...asking, '-H', '-u', user, '--', '/bin/sh', '-c', inside],
    terminal,
    gate,
  }
}

const promptOf = (token: string): string => `${token}-password:`

/** Reads lines made by `encodeForTerminal` until `.`, and writes what they stood for. */
export const TERMINAL_READER =
  'om_in() { while IFS= read -r om_l && [ "$om_l" != . ]; do printf %b "$om_l"; done; }'

const encodeByte = (byte: number): string => {
  const isPlain =
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a)
  return isPlain || byte === 0x20
    ? String.fromCharCode(byte)
    : `\\0${byte.toString(8).padStart(3, '0')}`
}

/** After this TERMINAL_READER reads no further. */
export const TERMINAL_END = '.\n'

/**
 * Bytes as lines that survive a terminal; see TERMINAL_READER. A space never ends a line, nor a dot stands alone.
 * `more`: without TERMINAL_END.
 */
export const encodeForTerminal = (bytes: Uint8Array, more?: 'more'): string => {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 500) {
    lines.push(Array.from(bytes.subarray(at, at + 500), encodeByte).join(''))
  }
  return lines.map((line) => `${line}\n`).join('') + (more ? '' : TERMINAL_END)
}

interface GateStep {
  /** What of these bytes is the program's own output. */
  readonly forward?: Uint8Array
  /** `password`: write it, with a line break. `stop`: it was refused, end standard input. */
  readonly answer?: 'password' | 'stop'
  /** True once, when the program has begun: what it reads may now be written. */
  readonly opened?: true
}

/** Watches the stream on which the gate speaks, until the program has begun. One per start. */
export interface Gate {
  readonly stream: 'stdout' | 'stderr'
  isOpen(): boolean
  push(bytes: Uint8Array): GateStep
  /** Why we were not let in, in the host's words; one line. */
  refusal(): string
}

/** su asks on its terminal, in the host's language, and says nothing else there before. */
const asking = /[::][ \t]*$/
/** sudo asks in the words we gave it, unless PAM has its own; its warnings have colons too. */
const askingForPassword =
  /(?:^|\n)(?!sudo:)[^\n]*(?:passwor[dt]|pass ?code|密码|密碼|パスワード|пароль|contraseña|mot de passe|senha)[^\n]*[::][ \t]*$/i

/** No real lecture, banner or warning is longer. */
const GATE_MAX_BYTES = 16 * 1024

export const createGate = (spec: GateSpec): Gate => {
  let seen: Buffer = Buffer.alloc(0)
  let open = false
  let answered = false
  let answeredAt = 0
  const line = Buffer.from(`${spec.token}\n`)
  const crLine = Buffer.from(`${spec.token}\r\n`)

  const find = (): { start: number; end: number } | undefined => {
    for (const mark of [line, crLine]) {
      const start = seen.indexOf(mark)
      if (start >= 0) return { start, end: start + mark.length }
    }
    return undefined
  }

  const asksPassword = (text: string): boolean =>
    text.includes(promptOf(spec.token)) ||
    (spec.method === 'su' ? asking : askingForPassword).test(text)

  return {
    stream: spec.terminal ? 'stdout' : 'stderr',
    isOpen: () => open,
    push: (bytes) => {
      if (open) return { forward: bytes }
      seen = Buffer.concat([seen, bytes])
      const mark = find()
      if (mark !== undefined) {
        open = true
        const rest = seen.subarray(mark.end)
        return rest.length > 0 ? { forward: rest, opened: true } : { opened: true }
      }
      if (seen.length > GATE_MAX_BYTES) seen = seen.subarray(-GATE_MAX_BYTES)
      const fresh = seen.subarray(Math.min(answeredAt, seen.length)).toString('utf8')
      if (!asksPassword(fresh)) return {}
      if (answered) return { answer: 'stop' }
      answered = true
      answeredAt = seen.length
      return { answer: 'password' }
    },
    refusal: () => {
      const text = seen.toString('utf8').replaceAll(promptOf(spec.token), '')
      const said = text
        .split(/[\r\n]+/)
        .map((one) => one.trim())
        .filter((one) => one !== '' && !/[::]$/.test(one))
        .at(-1)
      return said ?? `${spec.method} did not let us become ${spec.user}`
    },
  }
}
