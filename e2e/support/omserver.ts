// A whole OMServer in a process of its own, as `npm start` runs it, and the command line that talks to it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { authRoutes, type Client, createClient } from '@omserver/api'
import { freePort } from './free-port.ts'

const repository = resolve(import.meta.dirname, '../..')
const launcher = join(repository, 'packages/cli/bin/om.mjs')

export const ADMIN = 'admin'
export const PASSWORD = 'correct horse battery staple'

export interface OmResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Standard output as one JSON document. */
  json<T = Record<string, unknown>>(): T
  /** Standard output as one JSON event a line. */
  events(): Record<string, unknown>[]
}

export interface OmServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly dataDir: string
  /** What it has printed so far, both streams. */
  printed(): string
  /** Runs `om …` against this server, as the administrator unless `env` says otherwise. */
  om(args: readonly string[], options?: Omit<OmOptions, 'home'>): Promise<OmResult>
  /**
   * The contract's own client, signed in as the administrator unless somebody else is named. `next`: the password
   * that replaces the initial one, as a new user must choose it.
   */
  client(who?: { readonly name: string; readonly password: string }, next?: string): Promise<Client>
  /** As `kill -9`, or as an operator would stop it. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Stops it if it runs and removes its data. */
  remove(): Promise<void>
}

const environment = (home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const {
    OM_URL: _url,
    OM_TOKEN: _token,
    OM_DATA: _data,
    OM_DATABASE_URL: _database,
    ...rest
  } = process.env
  return {
    ...rest,
    LANG: 'en_US.UTF-8',
    LC_ALL: 'en_US.UTF-8',
    NO_COLOR: '1',
    XDG_CONFIG_HOME: join(home, 'config'),
    ...more,
  }
}

export interface OmOptions {
  readonly home: string
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Killed when it still runs then: for what must end by itself. */
  readonly timeoutMs?: number
  /** On a terminal, as a person at a screen has it: both streams come as one. */
  readonly onTerminal?: boolean
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

export const runOm = (args: readonly string[], options: OmOptions): Promise<OmResult> =>
  new Promise((done, fail) => {
    const line = [process.execPath, launcher, ...args]
    const [file = '', ...rest] = options.onTerminal
      ? ['script', '-qec', line.map(quoted).join(' '), '/dev/null']
      : line
    const child = spawn(file, rest, {
      env: environment(options.home, options.env),
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', fail)
    child.on('close', (code) =>
      done({
        code: code ?? -1,
        stdout,
        stderr,
        json: <T>() => JSON.parse(stdout) as T,
        events: () =>
          stdout
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as Record<string, unknown>),
      }),
    )
    child.stdin.end(options.input ?? '')
  })

export interface StartOptions {
  readonly dataDir?: string
  readonly port?: number
  /** `up` when absent. */
  readonly command?: 'up' | 'server'
  /** Say folder and port by OM_DATA and OM_PORT, not by options. */
  readonly byEnvironment?: boolean
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Sign the command line in; true when absent. */
  readonly login?: boolean
}

export const startOmServer = async (options: StartOptions = {}): Promise<OmServer> => {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'om-e2e-'))
  const port = options.port ?? (await freePort())
  const child: ChildProcess = spawn(
    launcher,
    [
      options.command ?? 'up',
      ...(options.byEnvironment ? [] : ['--data', dataDir, '--port', String(port)]),
      ...(options.args ?? []),
    ],
    {
      env: environment(dataDir, {
        OM_ADMIN_PASSWORD: PASSWORD,
        ...(options.byEnvironment ? { OM_DATA: dataDir, OM_PORT: String(port) } : {}),
        ...options.env,
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  const ended = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /https?:\/\/\S+/.exec(printed)
      if (found && printed.includes('Ctrl-C')) resolve(found[0])
    }
    child.stdout?.on('data', look)
    void ended.then(() => reject(new Error(`om up ended:\n${printed}`)))
  })
  const kill = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  const om: OmServer['om'] = (args, more = {}) => runOm(args, { home: dataDir, ...more })
  const server: OmServer = {
    url,
    port,
    pid: child.pid ?? -1,
    dataDir,
    printed: () => printed,
    om,
    client: async (who = { name: ADMIN, password: PASSWORD }, next) => {
      const client = createClient({ baseUrl: url, keepCookies: true })
      await client.call(authRoutes.login, { body: who })
      if (next !== undefined) {
        await client.call(authRoutes.changePassword, { body: { current: who.password, next } })
      }
      return client
    },
    kill,
    remove: async () => {
      await kill()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  if (options.login !== false) {
    const signedIn = await om(['login', url, '--user', ADMIN, '--password-stdin'], {
      input: PASSWORD,
    })
    if (signedIn.code !== 0) {
      await server.remove()
      throw new Error(`om login: ${signedIn.stderr}\n${printed}`)
    }
  }
  return server
}
