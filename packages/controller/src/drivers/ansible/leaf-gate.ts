// Where Ansible's workers ask whether a host may begin, get its command, and bring back what it said.

import { createServer, type Socket } from 'node:net'
import { isRecord } from '../../loose.ts'

interface Order {
  readonly command: string
  readonly input?: Uint8Array
}

export type Answer =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'cut' | 'barred'; readonly message: string }

export interface GateSide {
  /** undefined: it may not begin. */
  ask(host: string): Promise<Order | undefined>
  output(host: string, stream: 'stdout' | 'stderr', bytes: Buffer): Promise<void> | undefined
  /** undefined: the worker went away. */
  answered(host: string, answer: Answer | undefined): void
}

export interface LeafGate {
  close(): void
}

interface Parsed {
  readonly answer: Answer
  readonly out: number
  readonly err: number
}

const parsedAnswer = (line: string): Parsed => {
  const said: unknown = JSON.parse(line)
  const { code, cut, barred, out, err } = isRecord(said) ? said : {}
  const sizes = { out: Number(out ?? 0), err: Number(err ?? 0) }
  if (typeof cut === 'string') return { ...sizes, answer: { kind: 'cut', message: cut } }
  if (typeof barred === 'string') return { ...sizes, answer: { kind: 'barred', message: barred } }
  return { ...sizes, answer: { kind: 'code', code: Number(code) } }
}

const hostOf = (line: string): string => {
  const said: unknown = JSON.parse(line)
  return isRecord(said) ? String(said.host) : ''
}

/** Lines, then bytes, as they are asked for. Reads no further than it must: a slow reader slows the worker. */
const readerOf = (socket: Socket) => {
  const chunks = socket[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const { value, done } = await chunks.next()
    if (done) return false
    held = held.length === 0 ? value : Buffer.concat([held, value])
    return true
  }
  return {
    async line(): Promise<string | undefined> {
      while (!held.includes(10)) if (!(await more())) return undefined
      const end = held.indexOf(10)
      const line = held.subarray(0, end).toString('utf8')
      held = held.subarray(end + 1)
      return line
    },
    /** False: it ended too early. */
    async bytes(
      count: number,
      take: (bytes: Buffer) => Promise<void> | undefined,
    ): Promise<boolean> {
      let left = count
      while (left > 0) {
        if (held.length === 0 && !(await more())) return false
        const part = held.subarray(0, left)
        held = held.subarray(part.length)
        left -= part.length
        await take(part)
      }
      return true
    },
  }
}

const serve = async (socket: Socket, side: GateSide): Promise<void> => {
  const reader = readerOf(socket)
  const first = await reader.line()
  if (first === undefined) return
  const host = hostOf(first)
  const order = await side.ask(host)
  if (order === undefined) return
  const { command, input } = order
  socket.write(`${JSON.stringify({ command, input: input?.length ?? 0 })}\n`)
  if (input) socket.write(input)
  let answer: Answer | undefined
  try {
    const line = await reader.line()
    if (line === undefined) return
    const parsed = parsedAnswer(line)
    const whole =
      (await reader.bytes(parsed.out, (bytes) => side.output(host, 'stdout', bytes))) &&
      (await reader.bytes(parsed.err, (bytes) => side.output(host, 'stderr', bytes)))
    if (whole) answer = parsed.answer
  } finally {
    side.answered(host, answer)
  }
}

export const openLeafGate = async (path: string, side: GateSide): Promise<LeafGate> => {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
    serve(socket, side)
      .catch(() => undefined)
      .finally(() => socket.destroySoon())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return {
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
