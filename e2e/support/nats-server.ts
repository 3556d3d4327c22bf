// A nats-server of its own for a test: a free port of the loopback, a store in a temporary folder, ended by its pid.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

export interface NatsServer {
  readonly url: string
  /** Folder of what JetStream stores. */
  readonly store: string
  /** As by kill -9. */
  kill(): Promise<void>
  /** Deletes all that JetStream has stored; only while it does not run. */
  wipe(): Promise<void>
  /** Again, on the same port and store. */
  start(): Promise<void>
  /** Another configuration, read as upon `nats-server --signal reload`. */
  configure(text: string): Promise<void>
  /** Ends it, and removes its folder. */
  stop(): Promise<void>
}

interface Place {
  readonly port: number
  readonly store: string
}

/** @param config lines for its configuration, beside port and store; or all of it */
export const startNatsServer = async (
  binary = 'nats-server',
  config: readonly string[] | ((place: Place) => Promise<string>) = [],
): Promise<NatsServer> => {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'om-nats-'))
  const store = join(folder, 'store')
  const file = join(folder, 'nats.conf')
  const text =
    typeof config === 'function'
      ? await config({ port, store })
      : ['host: 127.0.0.1', `port: ${port}`, `jetstream { store_dir: "${store}" }`, ...config].join(
          '\n',
        )
  await writeFile(file, text)
  let child: ChildProcess | undefined

  const killNow = (): void => {
    child?.kill('SIGKILL')
  }
  process.once('exit', killNow)

  const start = async (): Promise<void> => {
    // Debian keeps it where ordinary users do not look.
    const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }
    const started = spawn(binary, ['-c', file], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    let said = ''
    started.stderr.on('data', (data: Buffer) => {
      said = `${said}${data}`.slice(-2000)
    })
    let failed: unknown
    started.once('error', (error) => {
      failed = error
    })
    for (let tries = 0; !(await answers(port)); tries++) {
      if (failed || started.exitCode !== null || tries > 200) {
        throw new Error(`${binary} did not start: ${failed ?? said}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    killNow()
    await ended
  }

  await start()
  return {
    url: `nats://127.0.0.1:${port}`,
    store,
    kill,
    start,
    async configure(changed) {
      await writeFile(file, changed)
      child?.kill('SIGHUP')
    },
    wipe: () => rm(store, { recursive: true, force: true }),
    async stop() {
      await kill()
      process.off('exit', killNow)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
