// `om controller` in a process of its own, with an identity that `om pki` has issued, or without certificates.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const launcher = resolve(import.meta.dirname, '../../packages/cli/bin/om.mjs')

export interface ControllerProcess {
  readonly name: string
  readonly idc: string
  /** As it prints it, for `om controllers enroll`; empty when its certificate enrols it. */
  readonly sealKey: string
  readonly pid: number
  printed(): string
  /** Resolves when it is connected: not before a server has made its IDC. */
  connected(): Promise<void>
  kill(signal?: NodeJS.Signals): Promise<void>
}

/** Resolves when it has said who it is. */
export const startController = async (
  name: string,
  idc: string,
  options: {
    /** A folder of `om pki issue`; or, without certificates, where nats-server is, and a folder for its key. */
    readonly identity: string | { readonly nats: string; readonly data: string }
    readonly env?: NodeJS.ProcessEnv
    readonly args?: readonly string[]
  },
): Promise<ControllerProcess> => {
  const { identity } = options
  const who =
    typeof identity === 'string'
      ? ['--pki', identity]
      : ['--idc', idc, '--name', name, '--nats', identity.nats, '--data', identity.data]
  const child: ChildProcess = spawn(launcher, ['controller', ...who, ...(options.args ?? [])], {
    env: {
      ...process.env,
      LANG: 'en_US.UTF-8',
      LC_ALL: 'en_US.UTF-8',
      NO_COLOR: '1',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const ended = once(child, 'exit')
  const killNow = (): void => void child.kill('SIGKILL')
  process.once('exit', killNow)
  const said = (wanted: string): Promise<void> =>
    new Promise((found, lost) => {
      const look = (): void => {
        if (printed.includes(wanted)) found()
      }
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', () => setImmediate(look))
      void ended.then(() => lost(new Error(`om controller ended:\n${printed}`)))
      look()
    })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  await said('Connecting')
  return {
    name,
    idc,
    sealKey: /--key (\S+)/.exec(printed)?.[1] ?? '',
    pid: child.pid ?? -1,
    printed: () => printed,
    connected: () => said('Connected'),
    async kill(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await ended
      process.off('exit', killNow)
    },
  }
}
