// A real OpenSSH server for tests and benchmarks: one sshd that answers as many hosts, at any 127.x.y.z address.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

const SSHD = '/usr/sbin/sshd'

/** Why a real sshd cannot be had on this machine; undefined: it can. */
export const sshdMissing = (): string | undefined =>
  existsSync(SSHD) ? undefined : 'openssh-server is not installed'

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa'

export interface KeyPair {
  /** OpenSSH private key, text. */
  readonly privateKey: string
  /** `<type> <base64> <comment>` */
  readonly publicKey: string
}

export interface SshdOptions {
  /** Key types the server has; ed25519 when absent. The keys are made anew. */
  readonly hostKeys?: readonly KeyType[]
  /** Lines of sshd_config that replace or add to the usual ones. */
  readonly config?: readonly string[]
  /** Port to listen on; a free one when absent. */
  readonly port?: number
}

export interface Sshd {
  readonly port: number
  /** The account that `key` lets in: whoever runs the test. */
  readonly user: string
  readonly key: KeyPair
  /** Public host keys as `{ type, key }`, in the order of `hostKeys`. */
  readonly hostKeys: readonly { readonly type: string; readonly key: string }[]
  readonly folder: string
  readonly pid: number
  /** The address of the nth host, from 0: 127.7.0.1 … */
  address(n: number): string
  /** Lets a further key in, for every account. */
  authorize(publicKey: string): void
  /** Pids of the processes that serve connections. */
  connections(): readonly number[]
  /** Ends every connection at once, as a crash would. */
  killConnections(): void
  /** What sshd has written so far. */
  log(): string
  stop(): Promise<void>
}

export const makeKey = (
  options: { readonly type?: KeyType; readonly passphrase?: string } = {},
): KeyPair => {
  const folder = mkdtempSync(join(tmpdir(), 'om-key-'))
  try {
    const file = join(folder, 'key')
    const { type = 'ed25519', passphrase = '' } = options
    const bits = type === 'rsa' ? ['-b', '2048'] : []
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      type,
      ...bits,
      '-N',
      passphrase,
      '-C',
      'om',
      '-f',
      file,
    ])
    return {
      privateKey: readFileSync(file, 'utf8'),
      publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => {
      try {
        const stat = readFileSync(`/proc/${child}/stat`, 'latin1')
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid)
      } catch {
        return false
      }
    })

const killQuietly = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself in between.
  }
}

export const startSshd = async (options: SshdOptions = {}): Promise<Sshd> => {
  const missing = sshdMissing()
  if (missing !== undefined) throw new Error(missing)
  const folder = mkdtempSync(join(tmpdir(), 'om-sshd-'))
  // sshd reads authorized_keys as the account that logs in.
  chmodSync(folder, 0o755)
  const isRoot = process.getuid?.() === 0
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const port = options.port ?? (await freePort('0.0.0.0'))
  const key = makeKey()
  const authorized = join(folder, 'authorized_keys')
  writeFileSync(authorized, `${key.publicKey}\n`, { mode: 0o644 })
  const types = options.hostKeys ?? ['ed25519']
  const hostKeys = types.map((type) => {
    const pair = makeKey({ type })
    const file = join(folder, `host_${type}`)
    writeFileSync(file, pair.privateKey, { mode: 0o600 })
    const [name = '', blob = ''] = pair.publicKey.split(' ')
    return { file, type: name, key: blob }
  })
  const config = join(folder, 'sshd_config')
  const home = join(folder, 'home')
  mkdirSync(home, { mode: 0o777 })
  const given = options.config ?? []
  const keyword = (line: string): string | undefined => line.split(' ')[0]
  const isGiven = (line: string): boolean => given.some((one) => keyword(one) === keyword(line))
  // Of MaxStartups the last one counts, of all others the first: so a keyword is never said twice.
  const usual = [
    `Port ${port}`,
    // One socket answers all of 127/8 (sshd takes 16 addresses at most); nobody else gets in.
    'ListenAddress 0.0.0.0',
    'AllowUsers *@127.0.0.0/8',
    ...hostKeys.map((one) => `HostKey ${one.file}`),
    `AuthorizedKeysFile ${authorized}`,
    'StrictModes no',
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'MaxStartups 5000:30:9000',
    'MaxSessions 10',
    'LoginGraceTime 60',
    // bash reads ~/.bashrc when sshd starts it: what somebody keeps there is no part of a test.
    `SetEnv HOME=${home}`,
    'LogLevel INFO',
  ].filter((line) => line.startsWith('HostKey ') || !isGiven(line))
  writeFileSync(config, `${[...given, ...usual].join('\n')}\n`, { mode: 0o600 })
  let said = ''
  const child: ChildProcess = spawn(SSHD, ['-D', '-e', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('latin1')).slice(-200_000)
  })
  const ended = once(child, 'exit')
  const pid = child.pid
  if (pid === undefined) throw new Error('sshd did not start')
  const deadline = Date.now() + 10_000
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`sshd: ${said}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const killConnections = () => {
    for (const one of childrenOf(pid)) {
      for (const below of childrenOf(one)) killQuietly(below, 'SIGKILL')
      killQuietly(one, 'SIGKILL')
    }
  }
  return {
    port,
    user: userInfo().username,
    key,
    hostKeys: hostKeys.map(({ type, key: blob }) => ({ type, key: blob })),
    folder,
    pid,
    address: (n) => `127.7.${Math.floor(n / 250)}.${(n % 250) + 1}`,
    authorize: (publicKey) => writeFileSync(authorized, `${publicKey}\n`, { flag: 'a' }),
    connections: () => childrenOf(pid),
    killConnections,
    log: () => said,
    stop: async () => {
      killConnections()
      killQuietly(pid, 'SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
