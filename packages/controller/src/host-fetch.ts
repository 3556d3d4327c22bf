// Collects a file from a host: a command that prints it, and what becomes of its bytes.

import { createHash } from 'node:crypto'
import { type FetchAction, type HostEnd, quote } from '@omserver/core'
import type { Driver, HostReport, HostWork } from './driver.ts'

/** So much goes into the log at a time, and is waited for. */
const PIECE_BYTES = 128 * 1024
const HEAD_BYTES = 64 * 1024

/** Its size stands before the file, so that one that grows or shrinks meanwhile is noticed. */
const fetchProgram = ({ path, maxBytes }: FetchAction, mark: string): string =>
  `
LC_ALL=C; export LC_ALL
f=${quote(path)}
fail() { echo "fetch: $1" >&2; exit 12; }
[ -e "$f" ] || fail "$f does not exist"
[ ! -d "$f" ] || fail "$f is a folder"
[ -f "$f" ] || fail "$f is not a regular file"
[ -r "$f" ] || fail "$f cannot be read as $(id -un)"
n=$(wc -c <"$f") || fail "$f cannot be read as $(id -un)"
n=$((n))
[ "$n" -le ${maxBytes} ] || fail "$f has $n bytes, more than the limit of ${maxBytes}"
echo "${mark} $n"
head -c "$n" -- "$f" || fail "$f cannot be read"`.trim()

/** Any driver that carries the output of a shell byte by byte can fetch. */
export const withFetch =
  (carryOut: Driver['carryOut'], newToken: () => string): Driver['carryOut'] =>
  async (work, report, signal) => {
    const { action } = work
    if (action.kind !== 'fetch') return carryOut(work, report, signal)
    const mark = `om-file-${newToken()}`
    const taker = createTaker(action, mark, report)
    const { detached: _, ...rest } = work
    const shell: HostWork = {
      ...rest,
      action: {
        kind: 'shell',
        command: [fetchProgram(action, mark)],
        ...(action.runAs ? { runAs: action.runAs } : {}),
      },
    }
    const own: HostReport = {
      ...report,
      output: (stream, bytes) =>
        stream === 'stdout' ? taker.push(bytes) : report.output(stream, bytes),
    }
    return taker.end(await carryOut(shell, own, signal))
  }

const failed = (message: string): HostEnd => ({ state: 'failed', reason: 'fetchFailed', message })

const createTaker = ({ path }: FetchAction, mark: string, report: HostReport) => {
  const sum = createHash('sha256')
  let head: Buffer | undefined = Buffer.alloc(0)
  let size = 0
  let taken = 0
  let waiting: Buffer[] = []
  let waitingBytes = 0
  /** One piece after the other, so that they are stored in order and none is held for long. */
  let stored: Promise<void> = Promise.resolve()
  let lost = false

  const send = (): Promise<void> => {
    const bytes = Buffer.concat(waiting)
    const offset = taken - waitingBytes
    waiting = []
    waitingBytes = 0
    stored = stored
      .then(() => report.file?.({ path, offset, bytes }))
      .catch(() => {
        lost = true
      })
    return stored
  }

  const take = (bytes: Buffer): Promise<void> | undefined => {
    const some = bytes.subarray(0, size - taken)
    if (some.length === 0) return undefined
    sum.update(some)
    taken += some.length
    waiting.push(some)
    waitingBytes += some.length
    return waitingBytes >= PIECE_BYTES ? send() : undefined
  }

  return {
    push(given: Uint8Array): Promise<void> | undefined {
      if (!head) return take(Buffer.from(given))
      head = Buffer.concat([head, given])
      const start = head.indexOf(`${mark} `)
      const end = start < 0 ? -1 : head.indexOf('\n', start)
      if (end < 0) {
        head = head.subarray(-HEAD_BYTES)
        return undefined
      }
      size = Number(head.toString('latin1', start + mark.length + 1, end))
      const rest = head.subarray(end + 1)
      head = undefined
      return take(rest)
    },
    async end(ended: HostEnd): Promise<HostEnd> {
      if (ended.state === 'failed' && ended.reason === 'exit') {
        return failed(ended.message ?? 'the file could not be read')
      }
      if (ended.state !== 'ok') return ended
      if (head) return failed('the host did not send the file')
      if (waitingBytes > 0) await send()
      await stored
      if (lost) return failed('what was read could not be stored')
      if (taken < size) return failed('fetch: the file became shorter while it was read')
      const hash = sum.digest('hex')
      await report.file?.({ path, offset: size, bytes: new Uint8Array(), whole: { size, hash } })
      await report.output('stdout', Buffer.from(`${hash}  ${size}  ${path}\n`))
      return { state: 'ok', exit: 0 }
    },
  }
}
