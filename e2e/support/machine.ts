// A Debian of its own for a test: a small root made of this machine's packages, booted with its own systemd in a
// container of systemd-nspawn. What is written there is in memory, and gone afterwards.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { missingTools } from '../../scripts/needs.ts'
import { killIfThere } from './processes.ts'

const run = promisify(execFile)

/** What `apt` itself brings to every Debian, and what a systemd needs. */
export const BOOTABLE = ['systemd', 'systemd-sysv', 'dbus', 'passwd', 'procps', 'libstdc++6']

/** Why machines cannot be had here; undefined: they can. */
export const machinesMissing = (): string | undefined => {
  const missing = missingTools(['systemd-nspawn', 'dpkg-deb', 'unshare'])
  if (missing.length > 0) return `this machine has no ${missing.join(', ')}`
  return process.getuid?.() === 0 ? undefined : 'a container needs root'
}

/** A folder with these packages in it, and what they need. */
export const makeRoot = async (packages: readonly string[]): Promise<string> => {
  const root = mkdtempSync(join(tmpdir(), 'om-root-'))
  await run('sh', [join(import.meta.dirname, 'make-root.sh'), root, ...packages])
  return root
}

export const removeRoot = (root: string): void => rmSync(root, { recursive: true, force: true })

interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Machine {
  readonly name: string
  /** Its root, as seen from here. */
  readonly root: string
  /** By its shell, as its root. Rejects with what was said when it ends with another code than 0. */
  sh(script: string, input?: string): Promise<string>
  /** The same, whatever the code. */
  try(script: string, input?: string): Promise<Said>
  stop(): Promise<void>
}

export interface MachineOptions {
  /** Files or folders of this machine, as it finds them: `[here, there]`. */
  readonly files?: readonly (readonly [string, string])[]
  /** Name of a network namespace; one of its own with nothing but loopback when absent. */
  readonly network?: string
}

const BOOT_MS = 60_000
const COMMAND_MS = 120_000

const childOf = (pid: number): number | undefined => {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  return text === '' ? undefined : Number(text.split(' ')[0])
}

export const bootMachine = async (
  root: string,
  name: string,
  options: MachineOptions = {},
): Promise<Machine> => {
  const network = options.network
    ? `--network-namespace-path=/run/netns/${options.network}`
    : '--private-network'
  const container: ChildProcess = spawn(
    'systemd-nspawn',
    [
      ...['--quiet', '--boot', '--volatile=overlay', '--register=no', '--keep-unit'],
      ...[
        `--directory=${root}`,
        `--machine=om-${process.pid}-${name}`,
        `--hostname=${name}`,
        '--console=pipe',
        network,
      ],
      ...(options.files ?? []).map(([here, there]) => `--bind-ro=${here}:${there}`),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [container.stdout, container.stderr]) {
    stream?.on('data', (data: Buffer) => {
      said = `${said}${data}`.slice(-4000)
    })
  }
  const ended = once(container, 'exit')
  let leader: number | undefined
  const killNow = (): void => {
    if (leader !== undefined) killIfThere([leader])
    container.kill('SIGKILL')
  }
  process.once('exit', killNow)

  const inside: Machine['try'] = (script, input = '') =>
    new Promise((done) => {
      const environment = ['env', '-i', 'HOME=/root', 'LANG=C.UTF-8', `PATH=${PATH}`]
      const child = execFile(
        'nsenter',
        [`--target=${leader}`, '--all', ...environment, 'sh', '-c', script],
        { timeout: COMMAND_MS, maxBuffer: 16 << 20 },
        (error, stdout, stderr) =>
          done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
      )
      // What ends without having read is judged by its code.
      child.stdin?.on('error', () => {}).end(input)
    })

  const deadline = Date.now() + BOOT_MS
  for (;;) {
    if (container.exitCode !== null || Date.now() > deadline) {
      killNow()
      throw new Error(`${name} does not boot:\n${said}`)
    }
    // Until it boots, its child is one that only prepares.
    leader = childOf(container.pid ?? 0)
    if (leader !== undefined) {
      const { stdout } = await inside('systemctl is-system-running')
      if (['running', 'degraded'].includes(stdout.trim())) break
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    name,
    root: `/proc/${leader}/root`,
    try: inside,
    async sh(script, input) {
      const { code, stdout, stderr } = await inside(script, input)
      if (code === 0) return stdout
      throw new Error(`${name}: ${script}\nends with ${code}:\n${stdout}${stderr}`)
    },
    async stop() {
      if (container.exitCode === null && container.signalCode === null) killNow()
      await ended
      process.off('exit', killNow)
    },
  }
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
