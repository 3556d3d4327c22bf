// The tools people use today, each told to run one command on the same hosts with the same key and fan-out.

import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Fleet {
  readonly user: string
  readonly keyFile: string
  readonly port: number
  /** Scratch space. Its path must be short: sockets lie in it. */
  readonly folder: string
  readonly fanOut: number
  readonly command: string
  /** What each host must answer. */
  readonly answer: string
}

export interface Peer {
  readonly name: string
  readonly program: string
  /** Untimed, before the first use of these hosts; `tidy` undoes it. */
  readonly prepare?: (hosts: readonly string[]) => Promise<void>
  readonly tidy?: (hosts: readonly string[]) => Promise<void>
  readonly args: (hosts: readonly string[]) => readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const PLAIN = [
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'LogLevel=ERROR',
  'BatchMode=yes',
]
// What ssh(1) spends most of its time on is the post-quantum key exchange; without it pdsh is three times as fast.
const TUNED = [...PLAIN, 'KexAlgorithms=curve25519-sha256', 'Ciphers=aes128-gcm@openssh.com']

const optionsOf = (fleet: Fleet, options: readonly string[]): string =>
  [
    `-i ${fleet.keyFile} -p ${fleet.port} -l ${fleet.user}`,
    ...options.map((one) => `-o ${one}`),
  ].join(' ')

const pdsh = (name: string, fleet: Fleet, options: readonly string[]): Peer => ({
  name,
  program: 'pdsh',
  args: (hosts) => ['-R', 'ssh', '-f', `${fleet.fanOut}`, '-w', hosts.join(','), fleet.command],
  env: { PDSH_SSH_ARGS: `${optionsOf(fleet, options)} %h` },
})

const clush = (fleet: Fleet): Peer => ({
  name: 'clush',
  program: 'clush',
  args: (hosts) => [
    ...['-f', `${fleet.fanOut}`, '-o', optionsOf(fleet, PLAIN)],
    ...['-w', hosts.join(','), fleet.command],
  ],
})

const pssh = (fleet: Fleet): Peer => ({
  name: 'pssh',
  program: 'parallel-ssh',
  args: (hosts) => {
    const file = join(fleet.folder, 'pssh-hosts')
    writeFileSync(file, hosts.map((host) => `${fleet.user}@${host}:${fleet.port}\n`).join(''))
    return [
      ...['-h', file, '-p', `${fleet.fanOut}`, '-t', '0', '-i', '-x', `-i ${fleet.keyFile}`],
      ...PLAIN.flatMap((option) => ['-O', option]),
      fleet.command,
    ]
  },
})

const ansible = (fleet: Fleet): Peer => ({
  name: 'ansible -m raw',
  program: 'ansible',
  args: (hosts) => {
    const inventory = join(fleet.folder, 'inventory')
    writeFileSync(inventory, hosts.join('\n'))
    return [
      ...['all', '-i', inventory, '-f', `${fleet.fanOut}`, '-m', 'raw', '-a', fleet.command],
      `--ssh-common-args=${optionsOf(fleet, PLAIN)}`,
    ]
  },
  env: {
    ANSIBLE_HOST_KEY_CHECKING: 'False',
    ANSIBLE_SSH_ARGS: '-o ControlMaster=no -o ControlPersist=no',
    ANSIBLE_LOCAL_TEMP: join(fleet.folder, 'ansible'),
    ANSIBLE_HOME: join(fleet.folder, 'ansible'),
  },
})

/** ssh(1) over connections that are open already: the fastest that OpenSSH itself can be. */
const controlMaster = (fleet: Fleet): Peer => {
  const sockets = join(fleet.folder, 'm')
  mkdirSync(sockets, { recursive: true })
  const ssh = `ssh ${optionsOf(fleet, PLAIN)} -o ControlPath=${sockets}/%h`
  const onEach = (hosts: readonly string[], command: string): readonly string[] => {
    const file = join(fleet.folder, 'master-hosts')
    writeFileSync(file, hosts.join('\n'))
    return ['-a', file, '-P', `${fleet.fanOut}`, '-I', '{}', 'sh', '-c', command]
  }
  return {
    name: 'xargs ssh, ControlMasters open',
    program: 'xargs',
    prepare: async (hosts) => {
      await run('xargs', [
        ...onEach(hosts, `exec ${ssh} -o ControlMaster=yes -o ControlPersist=600 -fN {}`),
      ])
    },
    tidy: async (hosts) => {
      await run('xargs', [...onEach(hosts, `exec ${ssh} -O exit {} 2>/dev/null`)])
    },
    args: (hosts) => onEach(hosts, `exec ${ssh} {} '${fleet.command}'`),
  }
}

const isHere = (program: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  )

/** Those of them that this machine has. Cold ones first: each opens a connection a host. */
export const peersOf = async (
  fleet: Fleet,
): Promise<{ readonly cold: readonly Peer[]; readonly warm: readonly Peer[] }> => {
  const cold: Peer[] = []
  for (const peer of [
    pdsh('pdsh', fleet, PLAIN),
    pdsh('pdsh tuned (curve25519, aes128-gcm)', fleet, TUNED),
    clush(fleet),
    pssh(fleet),
    ansible(fleet),
  ]) {
    if (await isHere(peer.program)) cold.push(peer)
  }
  return { cold, warm: [controlMaster(fleet)] }
}

/** Runs it and resolves to its wall time, ms. Throws when a host has not answered. */
export const timePeer = async (
  peer: Peer,
  fleet: Fleet,
  hosts: readonly string[],
): Promise<number> => {
  const begun = performance.now()
  const { stdout } = await run(peer.program, [...peer.args(hosts)], {
    env: { ...process.env, ...peer.env },
    maxBuffer: 64 * 1024 * 1024,
  })
  const wallMs = performance.now() - begun
  const answered = stdout.split(fleet.answer).length - 1
  if (answered < hosts.length) {
    throw new Error(`${peer.name}: ${answered} of ${hosts.length} answered`)
  }
  return wallMs
}
