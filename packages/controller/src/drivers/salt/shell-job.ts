// A leaf for /bin/sh as one cmd.run_all, and what came of it: the same ends as over SSH.

import { constants } from 'node:os'
import { gzipSync } from 'node:zlib'
import { type HostEnd, type HostLeaf, isSecretRef, type Json, quote } from '@omserver/core'
import { z } from 'zod'
import type { OpenedLeaf } from '../../host-program.ts'
import { hostProgram, programEnd, signalEnd } from '../../host-program.ts'
import { createLastWords } from '../../last-words.ts'
import { createGate, type GateSpec, wrapRunAs } from '../../run-as.ts'
import type { MinionReturn } from './salt-master.ts'
import { isTrimmed, TRIMMED_TEXT } from './trimmed.ts'

/** rest_cherrypy takes a megabyte in a request unless it is told otherwise; what is sent is a third longer. */
const SENT_MAX_BYTES = 700_000
/** Packed when it has more than this. */
const PACKED_FROM_BYTES = 64 * 1024
/** What is larger is not even packed. */
export const INPUT_MAX_BYTES = 32 * 1024 * 1024
export const TOO_LARGE = `by Salt at most ${SENT_MAX_BYTES / 1000} kB, packed, can be sent to a host: copy this over SSH`
/**
 * Of each stream, so much of its beginning and of its end. A master cuts events above a megabyte (max_event_size),
 * in which a byte beyond ASCII counts twice.
 */
const KEPT_BYTES = { stdout: 192 * 1024, stderr: 32 * 1024 } as const

const asShell = { shell: '/bin/sh', python_shell: true, output_loglevel: 'quiet' } as const

export interface ShellJob {
  readonly kwarg: Readonly<Record<string, Json>>
  /** A command for the same minion that ends what is left of it, when the job itself has been killed. */
  readonly sweep: Readonly<Record<string, Json>>
  readonly token: string
  readonly gate: GateSpec | undefined
}

/** Salt keeps the arguments of every job, and shows them to whoever may read its events. */
export const secretProblem = (action: HostLeaf): string | undefined => {
  if (action.runAs?.password !== undefined) {
    return 'a password for sudo or su cannot go by Salt, which keeps the arguments of every job: let sudo ask for none, or use SSH'
  }
  if (action.kind === 'copy') return undefined
  const hasSecret = isSecretRef(action.stdin) || Object.values(action.env ?? {}).some(isSecretRef)
  return hasSecret
    ? 'a secret cannot go by Salt, which keeps the arguments of every job: use SSH for this'
    : undefined
}

const parentOf = (pid: string): string => `$(sed 's/.*) . \\([0-9]*\\) .*/\\1/' /proc/${pid}/stat)`
/** The process of the minion; of several on one machine each has its own. */
const MINION = `m=${parentOf('$PPID')}`

/**
 * Everything it writes goes to files first, so that what it leaves behind holds up nothing and no output is too much.
 * What the shell itself says tells a program that was killed from one that ended with 137: the streams of the program
 * are turned in a shell of its own, for dash speaks while those of its command are turned.
 *
 * `saltutil.kill_job` ends the processes that it has listed, and one that began while it listed them lives on. So the
 * files have the token in their names, for `sweep` to know by them whatever is left; and whoever finds, with its files
 * open, that the minion's process is gone does not begin.
 */
const carrier = (of: {
  readonly command: string
  readonly programBytes: number
  /** Of program and input. */
  readonly bytes: number
  readonly packed: boolean
  readonly hasInput: boolean
  readonly token: string
}): string => `${MINION}
d=$(umask 077; mktemp -d "\${TMPDIR:-/tmp}/om-salt.${of.token}.$m.XXXXXXXX") || exit 126
base64 -d${of.packed ? ' | gzip -dc' : ''} >"$d/i"
[ "$(wc -c <"$d/i")" -eq ${of.bytes} ] || { rm -rf -- "$d"; echo "no room in \${TMPDIR:-/tmp}, or no base64 and gzip" >&2; exit 126; }
: >"$d/o"; : >"$d/e"; : >"$d/m"
exec 3<"$d/i" 4>"$d/o" 5>"$d/e" 9>&2 2>"$d/m"
rm -rf -- "$d"
[ "${parentOf('$$')}" = $PPID ] || exit 126
p=$(dd bs=${of.programBytes} count=1 <&3 2>/dev/null; echo x); p=\${p%x}
/bin/sh -c 'exec "$@" 2>&5 3<&- 4>&- 5>&- 9>&-' sh ${of.command} "$p" ${of.hasInput ? '<&3' : '</dev/null'} >&4
c=$?
f=/proc/$$/fd; s=0
[ $c -le 128 ] || [ ! -s $f/2 ] || s=$((c-128))
o=$(($(wc -c <$f/4))) e=$(($(wc -c <$f/5)))
kept() { if [ $2 -le $(($3*2)) ]; then head -c $2 $1; else head -c $3 $1; tail -c $3 $1; fi; }
echo "om-${of.token} $c $s $o $e"
kept $f/4 $o ${KEPT_BYTES.stdout}
kept $f/5 $e ${KEPT_BYTES.stderr} >&9
exit $c`

/**
 * Ends with 0 when nothing is left: looked at twice, for a process may be born while the list is read. A host that cannot
 * look has seen nothing.
 */
const sweep = (
  token: string,
): string => `command -v xargs >/dev/null && command -v awk >/dev/null || exit 1
${MINION}
clean=0
for turn in 1 2 3 4 5 6 7 8 9; do
  left=$(printf '%s\\n' /proc/[0-9]*/fd/[1-5] | xargs ls -ln 2>/dev/null |
    awk -v files="/om-salt.${token}.$m." 'index($0, files) { sub(/.*\\/proc\\//, ""); sub(/\\/.*/, ""); print }')
  if [ -n "$left" ]; then clean=0; kill -9 $left 2>/dev/null; else clean=$((clean+1)); fi
  [ $clean -lt 2 ] || break
done
rm -rf -- "\${TMPDIR:-/tmp}/om-salt.${token}.$m".*
[ $clean -ge 2 ]`

/** A text: why it cannot go by Salt. */
export const shellJob = (leaf: OpenedLeaf, token: string): ShellJob | string => {
  const { runAs } = leaf.action
  const program = hostProgram(leaf, { terminal: false })
  const wrapped = wrapRunAs(program.text, runAs, { hasPassword: false, token })
  const text = Buffer.from(wrapped.argv.at(-1) ?? '')
  const input = program.stdin
  const whole = Buffer.concat([text, input ?? new Uint8Array()])
  if (whole.length > INPUT_MAX_BYTES) return TOO_LARGE
  const packed = whole.length > PACKED_FROM_BYTES
  const sent = packed ? gzipSync(whole) : whole
  if (sent.length > SENT_MAX_BYTES) return TOO_LARGE
  const command = wrapped.argv.slice(0, -1).map(quote).join(' ')
  const cmd = carrier({
    command,
    programBytes: text.length,
    bytes: whole.length,
    packed,
    hasInput: input !== undefined,
    token,
  })
  return {
    token,
    gate: wrapped.gate,
    sweep: { cmd: sweep(token), ...asShell },
    kwarg: {
      cmd,
      stdin: sent.toString('base64'),
      ...asShell,
      // Bytes as they are: each becomes the character of its number.
      output_encoding: 'latin-1',
      rstrip: false,
      reset_system_locale: false,
    },
  }
}

interface Piece {
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Buffer
  /** So many were left out after it. */
  readonly missed: number
}

export interface ShellOutcome {
  readonly pieces: readonly Piece[]
  readonly end: HostEnd
}

const runAllSchema = z.object({
  stdout: z.string(),
  stderr: z.string(),
  retcode: z.number(),
})

const piecesOf = (stream: Piece['stream'], bytes: Buffer, size: number): Piece[] => {
  const missed = Math.max(0, size - bytes.length)
  if (missed === 0) return bytes.length === 0 ? [] : [{ stream, bytes, missed }]
  return [
    { stream, bytes: bytes.subarray(0, KEPT_BYTES[stream]), missed },
    { stream, bytes: bytes.subarray(KEPT_BYTES[stream]), missed: 0 },
  ]
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, n]) => [n, name]))

const driverError = (message: string): ShellOutcome => ({
  pieces: [],
  end: { state: 'failed', reason: 'driverError', message: message.trim().slice(0, 500) },
})

const saltSaid = ({ value }: MinionReturn): string =>
  typeof value === 'string'
    ? (value
        .trim()
        .split('\n')
        .findLast((line) => line.trim() !== '') ?? '')
    : ''

/** What is left on stderr when the gate has opened; a text: why it did not. */
const passedGate = (gate: GateSpec | undefined, stderr: Buffer): Buffer | string => {
  if (gate === undefined) return stderr
  const watched = createGate(gate)
  const { forward } = watched.push(stderr)
  if (watched.isOpen()) return Buffer.from(forward ?? [])
  return watched.refusal()
}

export const shellOutcome = (
  job: ShellJob,
  of: { readonly action: HostLeaf; readonly encoding: string | undefined },
  returned: MinionReturn,
): ShellOutcome => {
  const { action, encoding } = of
  const endsByDisconnect = action.kind === 'shell' && action.endsBy === 'disconnect'
  const read = runAllSchema.safeParse(returned.value)
  if (isTrimmed(returned.value)) return driverError(TRIMMED_TEXT)
  if (!read.success) {
    return driverError(saltSaid(returned) || 'the minion gave no answer to cmd.run_all')
  }
  const stdout = Buffer.from(read.data.stdout, 'latin1')
  const stderr = Buffer.from(read.data.stderr, 'latin1')
  const lineEnd = stdout.indexOf('\n')
  const head = new RegExp(`^om-${job.token} (\\d+) (\\d+) (\\d+) (\\d+)$`).exec(
    stdout.subarray(0, Math.max(0, lineEnd)).toString('latin1'),
  )
  if (!head) {
    if (read.data.retcode < 0) {
      const signal = signalNames.get(-read.data.retcode) ?? `SIG${-read.data.retcode}`
      return { pieces: [], end: endsByDisconnect ? { state: 'ok' } : signalEnd(signal) }
    }
    return driverError(stderr.toString('utf8') || `cmd.run_all ended with ${read.data.retcode}`)
  }
  const [exit = 0, signal = 0, outBytes = 0, errBytes = 0] = head.slice(1).map(Number)
  const own = passedGate(job.gate, stderr)
  if (typeof own === 'string') {
    return {
      pieces: [],
      end: { state: 'failed', reason: 'runAsRefused', message: own.slice(0, 500) },
    }
  }
  const beyondGate = stderr.length - own.length
  const pieces = [
    ...piecesOf('stdout', stdout.subarray(lineEnd + 1), outBytes),
    ...piecesOf('stderr', own, errBytes - beyondGate),
  ]
  if (signal > 0) {
    const name = signalNames.get(signal) ?? `SIG${signal}`
    return { pieces, end: endsByDisconnect ? { state: 'ok' } : signalEnd(name) }
  }
  const words = createLastWords(encoding)
  words.push(own)
  return { pieces, end: programEnd(action, exit, words.read()) }
}
