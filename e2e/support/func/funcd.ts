// A funcd to test against: speaks its protocol as the real one does, and runs commands on this machine.

import { spawn } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { dirname } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { Pair } from './certificates.ts'
import { type Asked, answerXml, faultXml, readCall, type Value } from './funcd-xml.ts'

export interface FuncdOptions {
  readonly ca: string
  readonly pair: Pair
  /** `string`: as before 2010, text as it is. */
  readonly strings?: 'string' | 'base64'
  readonly legacyTls?: boolean
  /** By the common name of the caller; everything when absent. */
  readonly allows?: (caller: string, method: string) => boolean
}

export interface Funcd {
  readonly port: number
  /** Methods in the order in which they were called, `async.` and all. */
  readonly calls: readonly string[]
  /** What stood in the calls, as funcd's log has it: bytes are not shown. */
  readonly log: readonly string[]
  /** It forgets its jobs, as after a restart. What runs goes on. */
  forgetJobs(): void
  /** Accepts and never answers until it is called again with false. */
  holdAnswers(hold: boolean): void
  stop(): Promise<void>
}

class RemoteError extends Error {
  readonly type: string
  constructor(type: string, text: string) {
    super(text)
    this.type = type
  }
}

/** As certmaster's utils.nice_exception has it. */
const niceException = (error: unknown): Value => {
  const type = error instanceof RemoteError ? error.type : 'exceptions.OSError'
  const text = error instanceof Error ? error.message : ''
  const place = `  File "/usr/lib/python2.6/site-packages/func/minion/server.py", line 196, in __call__\n    rc = self.__method(*args)\n  File "/usr/lib/python2.6/site-packages/func/minion/modules/test.py", line 41, in explode\n`
  return ['REMOTE_ERROR', type, text, place]
}

const commandRun = (command: string, env?: Record<string, string>): Promise<Value> =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: env ?? { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/' },
      cwd: '/',
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes))
    child.once('error', reject)
    // Like communicate(): when both pipes are at their end.
    child.once('close', (code, signal) =>
      resolve([code ?? -(signals[signal ?? ''] ?? 1), Buffer.concat(out), Buffer.concat(err)]),
    )
  })

const signals: Readonly<Record<string, number>> = { SIGKILL: 9, SIGTERM: 15, SIGHUP: 1 }

const text = (value: Value | undefined): string =>
  Buffer.isBuffer(value) ? value.toString('utf8') : String(value ?? '')

const bytes = (value: Value | undefined): Buffer => {
  // filebuf.data: text has none.
  if (!Buffer.isBuffer(value))
    throw new RemoteError('exceptions.AttributeError', "'str' object has no attribute 'data'")
  return value
}

export const startFuncd = async (options: FuncdOptions): Promise<Funcd> => {
  const { ca, pair, strings = 'base64', legacyTls, allows } = options
  const calls: string[] = []
  const log: string[] = []
  const jobs = new Map<string, Value>()
  const held = new Set<() => void>()
  let holding = false

  const modules: Readonly<Record<string, (...args: Value[]) => Value | Promise<Value>>> = {
    'test.ping': () => 1,
    'test.add': (one, two) => Number(one) + Number(two),
    'test.echo': (value = null) => value,
    'test.explode': () => {
      throw new RemoteError('exceptions.ZeroDivisionError', 'integer division or modulo by zero')
    },
    'test.sleep': (seconds) =>
      new Promise((resolve) => setTimeout(() => resolve(Number(seconds)), Number(seconds) * 1000)),
    'command.run': (command) => commandRun(text(command)),
    'command.exists': (path) => existsSync(text(path)),
    'system.list_modules': () => ['command', 'copyfile', 'jobs', 'test'],
    'system.list_methods': () => Object.keys(modules).sort(),
    'copyfile.open': (path, mode) => {
      mkdirSync(dirname(text(path)), { recursive: true })
      writeFileSync(text(path), '')
      if (typeof mode === 'number') chmodSync(text(path), mode)
      return text(path)
    },
    'copyfile.append': (path, chunk) => {
      const content = bytes(chunk)
      if (!existsSync(text(path))) return -1
      appendFileSync(text(path), content)
      return 1
    },
    'copyfile.copyfile': (path, content, mode = 0o644) => {
      mkdirSync(dirname(text(path)), { recursive: true })
      writeFileSync(text(path), bytes(content))
      chmodSync(text(path), Number(mode))
      return 1
    },
    'jobs.job_status': (id) => jobs.get(text(id)) ?? [2, 0],
  }

  const dispatch = async (method: string, args: readonly Value[]): Promise<Value> => {
    const found = modules[method]
    if (!found) {
      const type = modules[method] ? '' : 'func.minion.codes.ModuleNotFoundException'
      return niceException(new RemoteError(type, ''))
    }
    try {
      return await found(...args)
    } catch (error) {
      return niceException(error)
    }
  }

  let jobCount = 0
  const begin = (method: string, args: readonly Value[]): Value => {
    const id = `${1_795_387_047 + ++jobCount}.78-minion`
    jobs.set(id, [0, -1])
    void dispatch(method, args).then((result) => {
      if (!jobs.has(id)) return
      const failed = Array.isArray(result) && result[0] === 'REMOTE_ERROR'
      jobs.set(id, [failed ? 4 : 1, result])
    })
    return id
  }

  const answer = async (asked: Asked, caller: string): Promise<Buffer> => {
    const { method, args } = asked
    calls.push(method)
    log.push(
      `${method} ${args.map((one) => (Buffer.isBuffer(one) && asked.bytes.has(one) ? '<Binary>' : text(one))).join(' ')}`,
    )
    const plain = method.replace(/^async\./, '')
    if (allows && !allows(caller, plain)) {
      return faultXml(1, "<class 'func.minion.codes.AccessToMethodDenied'>:")
    }
    const result = method.startsWith('async.') ? begin(plain, args) : await dispatch(plain, args)
    if (holding) await new Promise<void>((resolve) => held.add(resolve))
    return answerXml(result, strings)
  }

  const server: Server = createServer(
    {
      ca,
      cert: pair.cert,
      key: pair.key,
      requestCert: true,
      rejectUnauthorized: true,
      ...(legacyTls
        ? { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }
        : {}),
    },
    (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const socket = request.socket as TLSSocket
        const caller = String(socket.getPeerCertificate().subject.CN)
        void answer(readCall(Buffer.concat(chunks)), caller).then((body) => {
          response.writeHead(200, {
            'Content-Type': 'text/xml',
            Server: 'BaseHTTP/0.3 Python/2.6.6',
          })
          response.end(body)
        })
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    calls,
    log,
    forgetJobs: () => jobs.clear(),
    holdAnswers(hold) {
      holding = hold
      if (hold) return
      for (const release of held) release()
      held.clear()
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
