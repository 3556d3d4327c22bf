// A real salt-master with salt-api over TLS, and real minions, on this machine and of whoever runs the tests.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { saltPrograms } from './salt-venv.ts'

/** What an account of OMServer needs, and no more: as the guide has it. */
const LEAST_RIGHTS = [
  'test.ping',
  'test.version',
  'cmd.run_all',
  'state.apply',
  'saltutil.find_job',
  'saltutil.kill_job',
]

export interface SaltOptions {
  /** Their keys are accepted when it is started. */
  readonly minions: readonly string[]
  /** Their keys are left waiting. */
  readonly waiting?: readonly string[]
  /** By name: content of `<name>.sls`. */
  readonly states?: Readonly<Record<string, string>>
  /** Further functions that the account may call. */
  readonly rights?: readonly string[]
}

export interface Salt {
  readonly url: string
  /** PEM. */
  readonly ca: string
  readonly user: string
  readonly password: string
  readonly eauth: 'file'
  readonly folder: string
  /** The end of what it wrote into its logs. */
  log(): string
  stopMaster(): Promise<void>
  startMaster(): Promise<void>
  stopApi(): Promise<void>
  startApi(): Promise<void>
  stopMinion(id: string): Promise<void>
  startMinion(id: string): Promise<void>
  stop(): Promise<void>
}

const USER = 'om'
const PASSWORD = 'no secret at all'

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const eventually = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> => {
  const deadline = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await sleep(100)
  }
}

/** A CA of its own, and a certificate of it for 127.0.0.1. */
const makeCertificates = (folder: string): string => {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  }
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...ec,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=Salt CA',
    '-days',
    '2',
  )
  openssl('req', ...ec, '-keyout', 'api.key', '-out', 'api.csr', '-subj', '/CN=salt-api')
  writeFileSync(join(folder, 'san'), 'subjectAltName=IP:127.0.0.1\n')
  openssl(
    'x509',
    '-req',
    '-in',
    'api.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'api.crt',
    '-days',
    '2',
    '-extfile',
    'san',
  )
  return readFileSync(join(folder, 'ca.crt'), 'utf8')
}

export const startSalt = async (options: SaltOptions): Promise<Salt> => {
  const bin = saltPrograms()
  // Sockets lie in it: their paths must be short.
  const folder = mkdtempSync(join(tmpdir(), 'om-salt-'))
  const [publish, ret, api] = [await freePort(), await freePort(), await freePort()]
  const ca = makeCertificates(folder)
  const states = join(folder, 'states')
  const config = join(folder, 'etc')
  mkdirSync(states)
  mkdirSync(config)
  for (const [name, text] of Object.entries(options.states ?? {})) {
    writeFileSync(join(states, `${name}.sls`), text)
  }
  writeFileSync(join(folder, 'users'), `${USER}:${PASSWORD}\n`)
  const shared = { user: userInfo().username, log_level: 'warning', log_level_logfile: 'warning' }
  // JSON is YAML.
  const master = {
    ...shared,
    root_dir: join(folder, 'm'),
    sock_dir: join(folder, 'ms'),
    interface: '127.0.0.1',
    publish_port: publish,
    ret_port: ret,
    worker_threads: 3,
    state_events: true,
    file_roots: { base: [states] },
    external_auth: {
      file: {
        '^filename': join(folder, 'users'),
        [USER]: [...LEAST_RIGHTS, ...(options.rights ?? []), { '@runner': ['jobs.list_job'] }],
      },
    },
    netapi_enable_clients: ['local_async', 'runner'],
    rest_cherrypy: {
      host: '127.0.0.1',
      port: api,
      ssl_crt: join(folder, 'api.crt'),
      ssl_key: join(folder, 'api.key'),
    },
  }
  writeFileSync(join(config, 'master'), JSON.stringify(master))
  const processes = new Map<string, ChildProcess>()

  const start = (name: string, program: string, of: string): void => {
    const child = spawn(join(bin, program), ['-c', of], {
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, PYTHONWARNINGS: 'ignore' },
    })
    processes.set(name, child)
  }
  /** All that it has started, too. */
  const stop = async (name: string): Promise<void> => {
    const child = processes.get(name)
    processes.delete(name)
    if (child?.pid === undefined || child.exitCode !== null) return
    const gone = once(child, 'exit')
    process.kill(-child.pid, 'SIGTERM')
    await Promise.race([gone, sleep(5_000)])
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // All of them have ended.
    }
    if (child.exitCode === null && child.signalCode === null) await gone
  }

  const startMaster = async (): Promise<void> => {
    start('master', 'salt-master', config)
    await eventually('the master listens', () => answers(ret))
  }
  const startApi = async (): Promise<void> => {
    start('api', 'salt-api', config)
    await eventually('salt-api listens', () => answers(api))
  }

  const minionFolder = (id: string): string => join(folder, `n-${id}`)
  const startMinion = async (id: string): Promise<void> => {
    start(id, 'salt-minion', minionFolder(id))
  }
  const configureMinion = (id: string): void => {
    mkdirSync(minionFolder(id))
    const minion = {
      ...shared,
      id,
      root_dir: minionFolder(id),
      sock_dir: join(minionFolder(id), 's'),
      master: '127.0.0.1',
      master_port: ret,
      publish_port: publish,
      // A master that was away is found again soon.
      acceptance_wait_time: 1,
      random_reauth_delay: 1,
      recon_default: 200,
      recon_max: 1000,
      recon_randomize: false,
      grains_cache: true,
      disable_modules: [],
    }
    writeFileSync(join(minionFolder(id), 'minion'), JSON.stringify(minion))
  }

  const keys = join(folder, 'm', 'etc', 'salt', 'pki', 'master')
  const accept = async (ids: readonly string[]): Promise<void> => {
    const waits = (id: string): boolean => existsSync(join(keys, 'minions_pre', id))
    await eventually('the keys of the minions have come', () => ids.every(waits))
    for (const id of ids) renameSync(join(keys, 'minions_pre', id), join(keys, 'minions', id))
  }

  /** A minion says nothing of itself when it is ready: it has connected to where jobs are published. */
  const subscribed = (): number => {
    const hex = publish.toString(16).toUpperCase().padStart(4, '0')
    const lines = readFileSync('/proc/net/tcp', 'latin1').split('\n')
    return lines.filter((line) => new RegExp(`^\\s*\\d+: \\S+:${hex} \\S+ 01 `).test(line)).length
  }

  await startMaster()
  const all = [...options.minions, ...(options.waiting ?? [])]
  for (const id of all) configureMinion(id)
  await Promise.all([startApi(), ...all.map(startMinion)])
  await accept(options.minions)
  await eventually('the minions are there', () => subscribed() >= options.minions.length)

  const logs = (): string[] => [
    join(folder, 'm', 'var', 'log', 'salt', 'master'),
    join(folder, 'm', 'var', 'log', 'salt', 'api'),
    ...all.map((id) => join(minionFolder(id), 'var', 'log', 'salt', 'minion')),
  ]

  return {
    url: `https://127.0.0.1:${api}`,
    ca,
    user: USER,
    password: PASSWORD,
    eauth: 'file',
    folder,
    log: () =>
      logs()
        .filter((file) => existsSync(file))
        .map((file) => `== ${file}\n${readFileSync(file, 'utf8').slice(-3_000)}`)
        .join('\n'),
    stopMaster: () => stop('master'),
    startMaster,
    stopApi: () => stop('api'),
    startApi,
    stopMinion: stop,
    async startMinion(id) {
      const before = subscribed()
      await startMinion(id)
      await eventually(`${id} is there again`, () => subscribed() > before)
    },
    async stop() {
      await Promise.all([...processes.keys()].map(stop))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Pids of processes whose command line holds this text. */
export const processesWith = (text: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(text)
      } catch {
        return false
      }
    })
    .map(Number)
