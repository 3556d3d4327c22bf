// Runs git as a child: with a deadline, without a prompt, a hook or anybody's configuration.

import { spawn } from 'node:child_process'
import { Problem } from '@omserver/core'

export interface GitRun {
  /** The bare repository; absent: none is needed. */
  readonly repository?: string
  readonly input?: string
  readonly deadlineMs: number
  /** More than this on standard output ends it. */
  readonly maxBytes: number
  readonly env: Readonly<Record<string, string>>
}

export interface GitEnd {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
  readonly late: boolean
}

const STDERR_BYTES = 64 * 1024

/** What a repository, or whoever rules it, must not have a say in. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'credential.helper=',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap((setting) => ['-c', setting])

/** The way out of the house is the machine's. */
const passed = [
  'PATH',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SSH_AUTH_SOCK',
]

const environment = (more: GitRun['env']): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    passed.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  ),
  LC_ALL: 'C',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: 'true',
  SSH_ASKPASS_REQUIRE: 'never',
  // Not `ext`, which runs whatever it is told.
  GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
  ...more,
})

/** Never rejects for what git does; throws Problem PROJECT_GIT_MISSING. */
export const runGit = (args: readonly string[], run: GitRun): Promise<GitEnd> =>
  new Promise((resolve, reject) => {
    const where = run.repository === undefined ? [] : [`--git-dir=${run.repository}`]
    const child = spawn('git', [...where, ...settings, ...args], {
      cwd: '/',
      env: environment(run.env),
      stdio: 'pipe',
      // Its own group: ssh and the helpers of a transport end with it.
      detached: true,
    })
    const end = (): void => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // All of it has ended already.
      }
    }
    const out: Buffer[] = []
    let outBytes = 0
    let stderr = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      end()
    }, run.deadlineMs)
    child.stdout.on('data', (chunk: Buffer) => {
      outBytes += chunk.length
      if (outBytes > run.maxBytes) end()
      else out.push(chunk)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < STDERR_BYTES) stderr += text
    })
    // It may end before it has read all of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(run.input ?? '')
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(error.code === 'ENOENT' ? new Problem('PROJECT_GIT_MISSING') : error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: Buffer.concat(out), stderr, late })
    })
  })

/** What git said last, in a line. */
export const gitMessage = ({ stderr, late, code }: GitEnd, deadlineMs: number): string => {
  if (late) return `no answer within ${Math.round(deadlineMs / 1000)} s`
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const said = lines.find((line) => line.startsWith('fatal:')) ?? lines.at(-1)
  return (said ?? `git ended with ${code}`)
    .replace(/^fatal: /, '')
    .replace(/\.$/, '')
    .slice(0, 300)
}
