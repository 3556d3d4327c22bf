// Code that may hang, crash or eat memory, in a Node process of its own. The one place where the server starts one.

import { spawn } from 'node:child_process'
import module from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface OwnProcess {
  /** A structured clone of the message; lost when the process is gone. */
  send(message: object): void
  /** At once, together with what it has started. Resolves when it is gone. */
  kill(): Promise<void>
}

interface Listener {
  /** What the process says is foreign: anything at all may come. */
  readonly message: (message: unknown) => void
  /** Once, after its last message. `why` completes "its process …". */
  readonly ended: (why: string) => void
}

const HEAP_MB = 128
// A loop outlives a server that was killed, because it never hears that its channel is closed. Deadlines end
// everything much sooner while the server lives.
const CPU_SECONDS = 120

/** exec keeps the process id and the channel. The kernel that lacks memory is to end this one, not the server. */
const launch = `ulimit -c 0; ulimit -t ${CPU_SECONDS}
{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
exec "$0" "$@"`

const flags = [
  `--max-old-space-size=${HEAP_MB}`,
  // Seven megabytes less for a process that lives for a second.
  '--max-semi-space-size=1',
  '--single-threaded-gc',
]

/** What it must know to start as fast and to tell the time as the server does; no secret of the server's. */
const environment = (): NodeJS.ProcessEnv => {
  const cache = module.getCompileCacheDir?.()
  const { TZ, LD_LIBRARY_PATH } = process.env
  return {
    MALLOC_ARENA_MAX: '2',
    ...(cache && { NODE_COMPILE_CACHE: dirname(cache) }),
    ...(TZ && { TZ }),
    ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }),
  }
}

/** `args` are seen by every user of the machine. The process does not keep the server running. */
export const startProcess = (
  file: URL,
  args: readonly string[],
  listener: Listener,
): OwnProcess => {
  const child = spawn(
    '/bin/sh',
    ['-c', launch, process.execPath, ...flags, fileURLToPath(file), ...args],
    {
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      // A group of its own: Ctrl-C is not for it, and what it signals to its group does not reach the server.
      detached: true,
    },
  )
  child.unref()
  child.channel?.unref()
  const gone = Promise.withResolvers<void>()
  const silent = Promise.withResolvers<void>()
  let why = 'could not be started'
  const killGroup = (): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended by itself in this very moment.
    }
  }
  child.on('message', listener.message)
  child.once('exit', (code, signal) => {
    why = signal ? `was ended by ${signal}` : `ended with code ${code}`
    gone.resolve()
  })
  child.once('disconnect', () => {
    silent.resolve()
    // One that closed its own channel can never be asked again.
    killGroup()
  })
  child.on('error', (error) => {
    if (child.pid !== undefined) return
    why = `could not be started: ${error.message}`
    gone.resolve()
    silent.resolve()
  })
  // Its end is seen before the last thing it said.
  void Promise.all([gone.promise, silent.promise]).then(() => listener.ended(why))
  return {
    send: (message) => {
      // A failure is the end of the process, which is told by `ended`.
      if (child.connected) child.send(message, () => undefined)
    },
    kill: () => {
      // Whoever waits for its end is not to end first.
      child.ref()
      killGroup()
      return gone.promise
    },
  }
}
