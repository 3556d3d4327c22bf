// A MariaDB or PostgreSQL of its own for tests: a free port of the loopback, data in a temporary folder, ended by its pid.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

export type DatabaseKind = 'mariadb' | 'postgres'

export interface DatabaseServer {
  readonly kind: DatabaseKind
  /** Of the administrator, without the name of a database: `mysql://root:…@127.0.0.1:3307`. */
  readonly url: string
  /** Of the authority that signed its certificate, which is itself; PEM. */
  readonly certificate: string
  /** As by kill -9; resolves when nobody answers any more. */
  kill(): Promise<void>
  /** Again, on the same port and data. */
  start(): Promise<void>
  /** Ends it, and removes its folder. */
  stop(): Promise<void>
}

const PASSWORD = 'p@ss/w:rd%'

/** Neither runs as root; both packages bring a user. */
const account = (name: string): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** Debian keeps the programs of PostgreSQL where no PATH looks. */
const postgresFolder = (): string => {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root)
    ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a))
    : []
  return versions[0] === undefined ? '' : join(root, versions[0], 'bin')
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${postgresFolder()}:${process.env['PATH']}:/usr/sbin:/usr/local/sbin`,
  LC_ALL: 'C.UTF-8',
})

interface Recipe {
  readonly user: string
  readonly url: (port: number) => string
  prepare(folder: string, run: (file: string, args: readonly string[]) => void): void
  command(folder: string, port: number): readonly [string, ...string[]]
}

const recipes: Readonly<Record<DatabaseKind, Recipe>> = {
  mariadb: {
    user: 'mysql',
    url: (port) => `mysql://root:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    prepare: (folder, run) => {
      run('mariadb-install-db', [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--skip-name-resolve',
      ])
      writeFileSync(
        join(folder, 'init.sql'),
        `alter user root@localhost identified by '${PASSWORD}';
create or replace user root@'127.0.0.1' identified by '${PASSWORD}';
grant all on *.* to root@'127.0.0.1' with grant option;
`,
      )
    },
    command: (folder, port) => [
      'mariadbd',
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      `--socket=${join(folder, 'socket')}`,
      `--init-file=${join(folder, 'init.sql')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--ssl-cert=${join(folder, 'cert.pem')}`,
      `--ssl-key=${join(folder, 'key.pem')}`,
      '--skip-name-resolve',
      '--skip-log-bin',
      '--max-connections=400',
      '--innodb-buffer-pool-size=64M',
      // Enough for a process that is killed; only a power cut would lose what was committed.
      '--innodb-flush-log-at-trx-commit=2',
      '--innodb-flush-method=nosync',
      '--innodb-doublewrite=0',
    ],
  },
  postgres: {
    user: 'postgres',
    url: (port) => `postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    prepare: (folder, run) => {
      writeFileSync(join(folder, 'password'), PASSWORD)
      run('initdb', [
        '--no-sync',
        `--pgdata=${join(folder, 'data')}`,
        '--username=postgres',
        `--pwfile=${join(folder, 'password')}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Names sort by language there; ours must not.
        '--locale-provider=icu',
        '--icu-locale=en',
      ])
    },
    command: (folder, port) => [
      'postgres',
      '-D',
      join(folder, 'data'),
      '-p',
      String(port),
      '-k',
      folder,
      ...[
        'listen_addresses=127.0.0.1',
        'fsync=off',
        'max_connections=400',
        'ssl=on',
        `ssl_cert_file=${join(folder, 'cert.pem')}`,
        `ssl_key_file=${join(folder, 'key.pem')}`,
      ].flatMap((one) => ['-c', one]),
    ],
  },
}

/** Both speak first or answer an empty packet; that somebody listens is not enough while they recover. */
const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const startDatabaseServer = async (kind: DatabaseKind): Promise<DatabaseServer> => {
  const recipe = recipes[kind]
  const owner = account(recipe.user)
  const folder = mkdtempSync(join(tmpdir(), `om-${kind}-`))
  const port = await freePort()
  const env = environment()
  if (owner) chownSync(folder, owner.uid, owner.gid)
  const run = (file: string, args: readonly string[]): void => {
    execFileSync(file, args, { env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], ...owner })
  }
  run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=om test'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', 'key.pem', '-out', 'cert.pem'],
  ])
  recipe.prepare(folder, run)
  let child: ChildProcess | undefined
  const killNow = (): void => {
    child?.kill('SIGKILL')
  }
  process.once('exit', killNow)

  const spawnOnce = async (): Promise<string | undefined> => {
    const [file, ...args] = recipe.command(folder, port)
    const started = spawn(file, args, {
      env,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...owner,
    })
    child = started
    let said = ''
    started.stderr.on('data', (data: Buffer) => {
      said = `${said}${data}`.slice(-2000)
    })
    started.once('error', (error) => {
      said += String(error)
    })
    for (let tries = 0; tries < 600; tries++) {
      if (started.exitCode !== null || started.pid === undefined) return said
      if (/ready (to accept|for) connections/.test(said) && (await listens(port))) return undefined
      await pause(50)
    }
    return said
  }
  const start = async (): Promise<void> => {
    // After a kill the processes of the last life may still be about to notice.
    for (let tries = 0; ; tries++) {
      const said = await spawnOnce()
      if (said === undefined) return
      if (tries > 20) throw new Error(`${kind} did not start: ${said}`)
      await pause(500)
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
    kind,
    url: recipe.url(port),
    certificate: join(folder, 'cert.pem'),
    kill,
    start,
    async stop() {
      await kill()
      process.off('exit', killNow)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}
