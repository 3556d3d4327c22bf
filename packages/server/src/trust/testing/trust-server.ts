// Trust on real SQLite, a real engine and a real /bin/sh, which a test may kill anywhere and open again. A host is a
// home folder in which the actions are carried out, behind a login that looks into its authorized_keys.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { RunView } from '@omserver/api'
import type { HostEnd, LoginSecret, Slice, TargetHost } from '@omserver/core'
import { type CredentialService, createCredentials } from '../../credentials/index.ts'
import { readPrivateKey } from '../../credentials/private-key.ts'
import { hostDirectory } from '../../hosts/directory.ts'
import { FleetStore } from '../../hosts/fleet-store.ts'
import { PinnedKeys } from '../../hosts/pinned-keys.ts'
import { type HostService, hostService } from '../../hosts/service.ts'
import { createModules } from '../../modules/index.ts'
import { createRuns, type RunService } from '../../runs/index.ts'
import { type Behaviour, startFakeController } from '../../runs/testing/fake-controller.ts'
import { createSettings } from '../../settings/index.ts'
import { startServices, type TestServices } from '../../testing/test-services.ts'
import { createTrust } from '../index.ts'
import type { TrustService } from '../service.ts'

export const user = userInfo().username
export const password = 'once only 密码'
export const hostNames = ['web-1', 'web-2', 'web-3'] as const

/** Called at every place at which a test may kill the server; does not return when it does. */
type AtPlace = (place: string) => Promise<void>

export interface TrustServer {
  readonly test: TestServices
  readonly homes: string
  readonly credentials: CredentialService
  readonly hosts: HostService
  readonly runs: RunService
  readonly trust: TrustService
  /** Login secrets as they were handed out: to see that they were, and which. */
  readonly opened: LoginSecret[]
  /** Hosts on which the network fails for these credentials. */
  readonly broken: Map<string, LoginSecret['kind']>
  /** What /bin/sh was given to do, by host. */
  readonly acted: Map<string, string[]>
  behave(host: TargetHost, slice: Slice): Behaviour
  withController(behave: (host: TargetHost, slice: Slice) => Behaviour): Promise<void>
  withoutController(): Promise<void>
  settled(): Promise<void>
  /** Resolves with the run when it has ended. */
  ended(runId: string): Promise<RunView>
  keysOf(name: string): string
  /** Whether the credential that the host has now opens it. */
  opens(name: string): Promise<boolean>
  /** Nothing more is written, nothing more is done on hosts. */
  kill(): Promise<Killed>
  close(): Promise<void>
}

interface Killed {
  readonly dataDir: string
  readonly homes: string
}

const nowhere: AtPlace = async () => {}

export const startTrustServer = async (
  atPlace: AtPlace = nowhere,
  killed?: Killed,
): Promise<TrustServer> => {
  const test = await startServices(killed?.dataDir)
  const { services, admin } = test
  if (killed) test.pass(60_000)
  const homes = killed?.homes ?? mkdtempSync(join(tmpdir(), 'om-homes-'))
  const opened: LoginSecret[] = []
  const broken = new Map<string, LoginSecret['kind']>()
  const acted = new Map<string, string[]>()
  const credentials = createCredentials(services).service
  const keys = new PinnedKeys(services.db)
  const store = new FleetStore(services.db, keys)
  const hosts = hostService(services, { store, keys, credentials })
  const directory = hostDirectory(services, store, keys)
  const settings = createSettings(services, { version: 'test' }).service
  const modules = createModules(services).service
  const slice = createRuns(services, { hosts: directory, credentials, modules, settings })
  const runs = slice.service
  await slice.start?.()
  const trust = createTrust(services, {
    runs: {
      reader: runs.reader,
      whenEnded: (id, then) => runs.whenEnded(id, then),
      launchAction: async (actor, input) => {
        await atPlace(`before ${input.module}`)
        const run = await runs.launchAction(actor, input)
        await atPlace(`after ${input.module} was launched`)
        return run
      },
    },
    hosts: {
      all: directory.all,
      select: directory.select,
      setCredential: async (...given) => {
        await atPlace('before the credential is switched')
        const count = await hosts.setCredential(...given)
        await atPlace('after the credential was switched')
        return count
      },
    },
    credentials,
  })

  const keysOf = (name: string): string => {
    const file = join(homes, name, '.ssh/authorized_keys')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  const mayLogIn = async (name: string, login: LoginSecret): Promise<boolean> => {
    if (login.kind === 'password') {
      return login.user === user && login.password?.reveal() === password
    }
    const { publicKey } = await readPrivateKey(login.privateKey?.reveal() ?? '')
    return keysOf(name).includes(publicKey)
  }
  const carryOut = async ({ name, access }: TargetHost, { action }: Slice): Promise<HostEnd> => {
    if (!access.credentialId) return { state: 'unreachable', reason: 'noCredential' }
    const login = await runs.secrets.credential(access.credentialId)
    opened.push(login)
    if (broken.get(name) === login.kind) return { state: 'unreachable', reason: 'connectTimeout' }
    if (!(await mayLogIn(name, login))) return { state: 'unreachable', reason: 'authFailed' }
    if (action.kind !== 'script') return { state: 'ok', exit: 0 }
    await atPlace(`before ${name} acts`)
    acted.set(name, [...(acted.get(name) ?? []), action.content])
    const args = ['-c', action.content, 'sh', ...(action.args ?? [])]
    const env = { PATH: process.env.PATH, HOME: join(homes, name) }
    const { status } = spawnSync('/bin/sh', args, { env })
    await atPlace(`after ${name} acted`)
    const changed = action.changedExit?.includes(status ?? -1) ?? false
    if (status !== 0 && !changed) return { state: 'failed', reason: 'exit', exit: status ?? -1 }
    return { state: 'ok', exit: status ?? 0, changed }
  }
  /** The fake asks for the end after `until` has resolved. */
  const behave = (host: TargetHost, of: Slice): Behaviour => {
    let end: HostEnd | undefined
    const until = carryOut(host, of).then((ended) => {
      end = ended
    })
    return {
      until,
      get end() {
        return end
      },
    }
  }

  for (const module of trust.modules) modules.host(module)
  await trust.start?.()
  let controller: Awaited<ReturnType<typeof startFakeController>> | undefined
  const withoutController = async () => {
    await controller?.stop()
    controller = undefined
  }
  const withController: TrustServer['withController'] = async (how) => {
    await withoutController()
    controller = await startFakeController(
      services.engine,
      ['default', 'sz'],
      how,
      services.newId(),
    )
  }
  await withController(behave)
  if (!killed) {
    for (const name of hostNames) {
      mkdirSync(join(homes, name), { mode: 0o700 })
      await hosts.add(admin, { name, address: '10.0.0.1' })
    }
  }
  return {
    test,
    homes,
    credentials,
    hosts,
    runs,
    trust: trust.service,
    opened,
    broken,
    acted,
    behave,
    withController,
    withoutController,
    settled: () => trust.works.settled(),
    ended: async (runId) => {
      const { signal } = new AbortController()
      const how = { after: 2 ** 50, output: new Set<string>(), form: 'hosts', signal } as const
      for await (const _ of await runs.watch(admin, runId, how));
      return runs.show(admin, runId)
    },
    keysOf,
    opens: async (name) => {
      const { credentialName } = await hosts.show(name)
      const found = credentialName && (await credentials.find(credentialName))
      return found ? mayLogIn(name, await credentials.login(found.id)) : false
    },
    kill: async () => {
      await withoutController()
      return { dataDir: await test.kill(), homes }
    },
    close: async () => {
      await withoutController()
      await trust.stop?.()
      await services.engine.close()
      await slice.stop?.()
      await test[Symbol.asyncDispose]()
      rmSync(homes, { recursive: true, force: true })
    },
  }
}
