// A whole server for tests: real database in a folder of its own, real HTTP on a free port, one client per role.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authRoutes, type Client, createClient, userRoutes } from '@omserver/api'
import type { Grant, Role } from '@omserver/core'
import { type Engine, embeddedEngine } from '@omserver/engine'
import { pino } from 'pino'
import { createServer, type Server } from '../server.ts'
import type { ServerOptions } from '../server-options.ts'
import { databaseOf, handBackDatabaseOf } from './test-database.ts'

export interface TestServer extends AsyncDisposable {
  readonly server: Server
  readonly engine: Engine
  readonly dataDir: string
  readonly url: string
  readonly admin: Client
  readonly operator: Client
  readonly viewer: Client
  /** A client that nobody has signed in with. */
  readonly stranger: Client
  /** Signs a new user in; `grants` for an operator. */
  signIn(name: string, role: Role, grants?: readonly Omit<Grant, 'id'>[]): Promise<Client>
  /** Opens the same data folder again, as after a restart; clients of before have to sign in again. */
  restart(): Promise<TestServer>
  /** Closes everything and removes the folder. */
  close(): Promise<void>
}

export interface TestServerOptions extends Partial<Omit<ServerOptions, 'engine'>> {
  /** Nobody has signed in yet; the clients of the answer are strangers. */
  readonly unclaimed?: boolean
  readonly engine?: Engine
  /** Of the user `operator`; everything on every host when absent. */
  readonly operatorGrants?: readonly Omit<Grant, 'id'>[]
}

export const adminPassword = 'correct horse battery'
const everything = [{ modules: ['*'], selector: '*' }]
const otherPassword = 'staple of the stable'
const initialPassword = 'handed over on paper'

/** Answers are compared with the contract. Errors of the server are printed. */
export const startTestServer = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const { operatorGrants, engine: givenEngine, unclaimed, ...rest } = options
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'om-server-'))
  const engine = givenEngine ?? embeddedEngine()
  const server = await createServer({
    port: 0,
    adminPassword: unclaimed ? undefined : adminPassword,
    checkAnswers: true,
    log: pino({ level: 'error' }),
    databaseUrl: await databaseOf(dataDir),
    ...rest,
    dataDir,
    engine,
  })
  const url = await server.listen()
  const client = () => createClient({ baseUrl: url, keepCookies: true })
  const session = async (name: string, password: string): Promise<Client> => {
    const signedIn = client()
    await signedIn.call(authRoutes.login, { body: { name, password } })
    return signedIn
  }
  const admin = unclaimed
    ? client()
    : await session('admin', options.adminPassword ?? adminPassword)
  const signIn: TestServer['signIn'] = async (name, role, grants = []) => {
    const { items } = await admin.call(userRoutes.list, {})
    if (!items.some((user) => user.name === name)) {
      await admin.call(userRoutes.add, {
        body: {
          name,
          role,
          password: initialPassword,
          grants: grants.map((grant) => ({ ...grant, modules: [...grant.modules] })),
        },
      })
      const first = await session(name, initialPassword)
      await first.call(authRoutes.changePassword, {
        body: { current: initialPassword, next: otherPassword },
      })
    }
    return session(name, otherPassword)
  }
  const stop = async () => {
    await server.close()
    if (!givenEngine) await engine.close()
  }
  const close = async () => {
    await stop()
    await handBackDatabaseOf(dataDir)
    rmSync(dataDir, { recursive: true, force: true })
  }
  return {
    server,
    engine,
    dataDir,
    url,
    admin,
    operator: unclaimed
      ? client()
      : await signIn('operator', 'operator', operatorGrants ?? everything),
    viewer: unclaimed ? client() : await signIn('viewer', 'viewer'),
    stranger: client(),
    signIn,
    restart: async () => {
      await stop()
      return startTestServer({ ...options, dataDir })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
