// The web layer: database, HTTP, live events. Runs nothing on hosts.

export type { Certificates } from './controllers/index.ts'
export { backUpDatabase } from './db/index.ts'
export { createServer, type Server, type ServerOptions } from './server.ts'
export { isLoopback, type TlsChoice } from './tls.ts'
export type { FirstAdmin } from './users/index.ts'
