// A whole OMServer of several machines on this one: nats-server with an account per IDC, a server on a database, four
// controllers in two IDCs, each behind a link of its own. Whatever ends is started again, as systemd would.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, controllerRoutes } from '@omserver/api'
import { type ControllerProcess, startController } from '../support/controller.ts'
import { type Query, rowsIn } from '../support/database-rows.ts'
import {
  type DatabaseKind,
  type DatabaseServer,
  startDatabaseServer,
} from '../support/database-server.ts'
import { type Link, openLink } from '../support/link.ts'
import { makeDatabase } from '../support/make-database.ts'
import { type NatsAccounts, startNatsAccounts } from '../support/nats-accounts.ts'
import { type OmServer, startOmServer } from '../support/omserver.ts'
import { type HostJournal, openJournal } from './host-journal.ts'

export const IDCS = ['idc-a', 'idc-b'] as const
const CONTROLLERS = [
  ['a1', 'idc-a'],
  ['a2', 'idc-a'],
  ['b1', 'idc-b'],
  ['b2', 'idc-b'],
] as const

export interface Machine {
  readonly name: string
  /** Of the process that runs now. */
  pid(): number
  readonly link: Link
  /** File of libfaketime: seconds to add to its clock. */
  readonly clock: string
  /** As kill -9; it stays down until `start`. */
  kill(): Promise<void>
  start(): Promise<void>
  /** All that its processes have printed. */
  printed(): string
}

export interface Installation {
  readonly controllers: readonly Machine[]
  readonly server: Machine
  readonly nats: NatsAccounts
  /** undefined: SQLite, which lives and dies with the server. */
  readonly database: DatabaseServer | undefined
  readonly journal: HostJournal
  /** Past the server. Rejects while the database is down. */
  readonly query: Query
  /** Of the server that runs now. */
  client(): Client
  om: OmServer['om']
  remove(): Promise<void>
}

export interface InstallationOptions {
  readonly database: 'sqlite' | DatabaseKind
  /** Seconds. */
  readonly lease: number
  /** A hosts file, once there is somebody to keep their credentials. */
  readonly hosts: string | ((client: Client) => Promise<string>)
  /** Other than what simulated hosts write. */
  readonly journal?: HostJournal
  readonly faketime?: boolean
  /** Of machines by name: what is added to their environment. */
  readonly env?: Readonly<Record<string, NodeJS.ProcessEnv>>
}

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'

/** Steps of the clock that people see; what OMServer measures with goes on as it is. */
const steppedBy = (clock: string): NodeJS.ProcessEnv => ({
  LD_PRELOAD: FAKETIME,
  FAKETIME_TIMESTAMP_FILE: clock,
  FAKETIME_NO_CACHE: '1',
  DONT_FAKE_MONOTONIC: '1',
})

const persistently = async <T>(start: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await start()
    } catch (error) {
      if (tries === 30) throw error
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  }
}

export const install = async (options: InstallationOptions): Promise<Installation> => {
  const folder = mkdtempSync(join(tmpdir(), 'om-chaos-'))
  const journalFile = join(folder, 'journal')
  const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const remove = async (): Promise<void> => {
    for (const one of undo.splice(0).reverse()) await one()
  }
  try {
    const nats = await startNatsAccounts(process.env['OM_NATS_SERVER'] ?? 'nats-server', [
      ['server', 'web'],
      ...CONTROLLERS.map(([name, idc]) => ['controller', name, idc] as const),
    ])
    undo.push(() => nats.stop())
    const natsPort = Number(new URL(nats.url).port)
    const machineOf = async (name: string) => {
      const link = await openLink(natsPort)
      undo.push(() => link.close())
      const clock = join(folder, `${name}.clock`)
      writeFileSync(clock, '+0\n')
      const env = {
        OM_NATS_URL: `tls://127.0.0.1:${link.port}`,
        OM_SIM_JOURNAL: journalFile,
        OM_LEASE: `${options.lease}s`,
        ...(options.faketime ? steppedBy(clock) : {}),
        ...options.env?.[name],
      }
      return { name, link, clock, env }
    }

    const kind = options.database
    const database = kind === 'sqlite' ? undefined : await startDatabaseServer(kind)
    if (database) undo.push(() => database.stop())
    const url = database && (await makeDatabase(database, 'chaos'))

    const web = await machineOf('server')
    const args = ['--pki', join(nats.dir, 'web')]
    const env = { ...web.env, ...(url === undefined ? {} : { OM_DATABASE_URL: url }) }
    let running = await startOmServer({ command: 'server', args, env })
    undo.push(() => running.remove())
    const { dataDir, port } = running
    const client = await running.client()
    let said = ''
    const server: Machine = {
      ...web,
      pid: () => running.pid,
      printed: () => said + running.printed(),
      kill: () => running.kill('SIGKILL'),
      async start() {
        said += running.printed()
        const again = { command: 'server', args, env, dataDir, port, login: false } as const
        running = await persistently(() => startOmServer(again))
      },
    }

    const controllers = await Promise.all(
      CONTROLLERS.map(async ([name, idc]): Promise<Machine> => {
        const machine = await machineOf(name)
        const begin = () =>
          startController(name, idc, {
            identity: join(nats.dir, name),
            env: machine.env,
            // So few that none of them has all of an IDC: whoever is struck has something in flight.
            args: ['--slots', '60'],
          })
        let one: ControllerProcess = await begin()
        undo.push(() => one.kill('SIGKILL'))
        let before = ''
        await one.connected()
        // By its certificate, as soon as it is seen.
        await persistently(async () => {
          const { items } = await client.call(controllerRoutes.list, {})
          if (!items.some((seen) => seen.name === name && seen.enrolled)) {
            throw new Error(`${name} is not enrolled yet`)
          }
        })
        return {
          ...machine,
          pid: () => one.pid,
          printed: () => before + one.printed(),
          kill: () => one.kill('SIGKILL'),
          async start() {
            before += one.printed()
            one = await persistently(begin)
          },
        }
      }),
    )

    const hostsFile = join(folder, 'hosts.yaml')
    const { hosts } = options
    writeFileSync(hostsFile, typeof hosts === 'string' ? hosts : await hosts(client))
    const imported = await running.om(['hosts', 'import', hostsFile])
    if (imported.code !== 0) throw new Error(`om hosts import: ${imported.stderr}`)
    return {
      controllers,
      server,
      nats,
      database,
      journal: options.journal ?? openJournal(journalFile),
      query: rowsIn(url ?? join(dataDir, 'omserver.db')),
      client: () => client,
      om: (...words) => running.om(...words),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Hosts of a fleet that answers at once, half of it in each IDC. */
export const simulatedHosts = (count: number): string => {
  const hosts = Array.from({ length: count }, (_, n) => {
    const idc = IDCS[n % IDCS.length]
    return `  - { name: h-${n}, address: 10.${n >> 16}.${(n >> 8) & 255}.${n & 255}, driver: sim, labels: { idc: ${idc}, sim: fast } }`
  })
  return `hosts:\n${hosts.join('\n')}\n`
}
