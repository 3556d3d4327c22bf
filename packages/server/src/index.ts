// The web layer: database, HTTP, live events. Runs nothing on hosts.

export type { Certificates } from './controllers/index.ts'
export { backUpDatabase, parseDatabaseUrl, type ServerPlace } from './db/index.ts'
export {
  createReplica,
  type OpenEngine,
  type Replica,
  type ReplicaOptions,
  type ReplicaState,
} from './replicas/index.ts'
export { createServer, type Server } from './server.ts'
export type { ServerOptions } from './server-options.ts'
export { isLoopback, type TlsChoice } from './tls.ts'
export type { FirstAdmin } from './users/index.ts'
