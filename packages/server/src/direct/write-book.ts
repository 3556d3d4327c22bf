// What the controllers of an IDC are told, put together from the server's tables; and whether it is still the same.

import { createHash } from 'node:crypto'
import { type BookHost, type BookUser, type IdcBook, idcOf } from '@omserver/core'
import type { Db } from '../db/index.ts'
import type { DirectParts } from './parts.ts'
import { clients } from './table.ts'

/** Those of the clients of the IDC whose users may act at all. */
const usersOf = async (db: Db, idc: string, parts: DirectParts): Promise<readonly BookUser[]> => {
  const users: BookUser[] = []
  for (const row of await clients(db)) {
    if (row.idc !== idc) continue
    const account = await parts.accounts.byId(row.user_id)
    if (!account || account.disabled) continue
    const { grants } = await parts.accounts.actorOf(account, 'direct', idc)
    users.push({ client: row.client, name: account.name, role: account.role, grants })
  }
  return users
}

const settingsOf = async (parts: DirectParts): Promise<IdcBook['settings']> => {
  const { confirmAbove, defaultConcurrency, defaultHostTimeoutMs } = await parts.settings.read()
  return { confirmAbove, concurrency: defaultConcurrency, hostTimeoutMs: defaultHostTimeoutMs }
}

/** Changes when the book would be another one; read without touching a host. */
export const revisionOf = async (db: Db, idc: string, parts: DirectParts): Promise<string> => {
  const made = [
    await parts.hosts.rev(),
    await usersOf(db, idc, parts),
    await settingsOf(parts),
    (await parts.credentials.list()).map(({ id, updatedAt }) => [id, updatedAt]),
    await parts.sealKeysOf(idc),
  ]
  return createHash('sha256').update(JSON.stringify(made)).digest('hex')
}

export const contentOf = async (
  db: Db,
  idc: string,
  parts: DirectParts,
): Promise<Omit<IdcBook, 'number' | 'until'>> => {
  // A local host is the server's own machine: no controller of an IDC reaches that.
  const own = (await parts.hosts.all()).filter(
    (host) => idcOf(host) === idc && host.driver !== 'local',
  )
  const targets = await parts.hosts.targetsOf(own)
  const hosts = own.map((host, index): BookHost => {
    const { access, jumps = [] } = targets[index] ?? {}
    return {
      ...host,
      ...(access?.hostKey && { hostKey: access.hostKey }),
      ...(jumps.length > 0 && { jumps }),
    }
  })
  return {
    idc,
    hosts,
    groups: [...(await parts.hosts.groups())],
    users: await usersOf(db, idc, parts),
    settings: await settingsOf(parts),
  }
}
