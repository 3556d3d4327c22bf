// Pinned host keys as stored: one a place, that is an address and a port.

import { type Db, type HostKeysTable, upsertRows } from '../db/index.ts'

export type StoredKey = HostKeysTable

export const readKeys = (db: Db): Promise<StoredKey[]> =>
  db.selectFrom('host_keys').selectAll().execute()

export const putKeys = (trx: Db, keys: readonly StoredKey[]): Promise<void> =>
  upsertRows(trx, 'host_keys', ['address', 'port'], keys)

export const removeKeys = async (
  trx: Db,
  places: readonly { readonly address: string; readonly port: number }[],
): Promise<void> => {
  for (const { address, port } of places)
    await trx
      .deleteFrom('host_keys')
      .where('address', '=', address)
      .where('port', '=', port)
      .execute()
}
