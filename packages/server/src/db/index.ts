// The database of the server: opening it, and the few statements that differ between databases.

export { backUpDatabase } from './back-up.ts'
export type * from './content-tables.ts'
export { inDataFolder } from './data-folder-trouble.ts'
export { type DatabasePlace, parseDatabaseUrl, type ServerPlace } from './database-url.ts'
export { insertRows, updateRows, upsertRows } from './dialect.ts'
export { ifWritable } from './if-writable.ts'
export {
  type Db,
  lockFolders,
  openDb,
  stillHeld,
  takenOver,
  writeTrouble,
} from './open-db.ts'
export { holdsSealedData } from './sealed-data.ts'
export { type SharedTransaction, sharedTransaction } from './shared-transaction.ts'
export { type HeldConnection, StandbyConnection } from './standby-connection.ts'
export type * from './tables.ts'
export { contains, startsWith } from './text-search.ts'
